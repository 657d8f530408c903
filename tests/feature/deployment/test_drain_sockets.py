"""Everybody's socket becomes another one, and not all at once."""

from __future__ import annotations

import time
from typing import Any

import pytest
from pydantic import ValidationError

from tests.feature.environment import work_off
from tests.feature.world import Person, World


async def move(world: World, **order: object) -> dict[str, Any]:
    answer: dict[str, Any] = await world.run(work_off, "deployment.drain_sockets", order)
    return answer


async def test_all_open_sockets_are_asked_once_to_reconnect(
    world: World, ada: Person, grace: Person
) -> None:
    sockets = [await person.open_socket() for person in (ada, grace)]
    now = int(time.time())
    crowd = {f"crowd-{number}": now + 60 for number in range(1_100)}
    others = {"over": now - 5, "opened-since": now + 7_260}
    world.valkey.zadd("sockets", mapping={**crowd, **others})
    answer = await move(world, reason="overload")
    open_then = int(str(world.valkey.zcount("sockets", now, now + 7_200)))
    world.valkey.zrem("sockets", *crowd, *others)

    jitter = -(-open_then // 500) * 1500
    assert answer == {"notified": open_then, "within_ms": jitter + 15_000}
    about = {"reason": "overload", "within_ms": jitter + 15_000, "jitter_ms": jitter}
    asked = [{"type": "reconnect", "data": about}]
    assert [socket.received() for socket in sockets] == [asked, asked]
    assert world.queues.frames_for("crowd-1099") != []
    assert [world.queues.frames_for(id) for id in others] == [[], []]


async def test_an_invalid_drain_request_asks_nobody(world: World, ada: Person) -> None:
    socket = await ada.open_socket()
    for order in ({}, {"reason": "boredom"}, {"reason": "deploy", "within_ms": 0}):
        with pytest.raises(ValidationError):
            await move(world, **order)

    assert socket.received() == []
