from __future__ import annotations

import time
from typing import Any
from uuid import uuid4

from cgraph.realtime.subscription_store import socket_key
from tests.feature.world import Person, Socket, World


async def test_a_pong_carries_the_heads_of_the_requested_streams(
    ada: Person, grace: Person, eve: Person
) -> None:
    mine, theirs = await ada.converse(grace), await grace.converse(eve)
    for conversation in (mine, theirs):
        await grace.send(conversation, "hi")
    socket = await ada.open_socket()
    asked = [f"conv:{mine}", f"conv:{theirs}", f"conv:{uuid4()}", f"user:{grace.id}"]
    reply = await socket.say("ping", {"streams": asked}, id="p3")

    assert reply == {
        "id": "p3", "type": "pong", "heads": {f"user:{ada.id}": 1, f"conv:{mine}": 1},
    }  # fmt: skip


async def test_a_pong_without_streams_carries_the_users_own_head(ada: Person) -> None:
    socket = await ada.open_socket()

    assert (await socket.say("ping", id=7)) == {
        "id": 7, "type": "pong", "heads": {f"user:{ada.id}": 0},
    }  # fmt: skip
    assert await socket.say("ping", id=None) is None


async def test_a_ping_names_at_most_fifty_streams(ada: Person) -> None:
    socket = await ada.open_socket()
    reply = await socket.say("ping", {"streams": [f"conv:{uuid4()}" for _ in range(51)]})

    assert reply["error"]["code"] == "validation_failed"


async def test_each_socket_has_a_rate_limit_for_frames(ada: Person) -> None:
    busy, other = await ada.open_socket(), await ada.open_socket()
    began, answered = time.monotonic(), 0
    while (reply := await busy.say("ping"))["type"] == "pong":
        answered += 1
        assert answered <= min(200, 61 + 2 * (time.monotonic() - began))

    assert answered >= 60
    assert reply["error"]["code"] == "rate_limited"
    assert 1 <= reply["error"]["retry_after_ms"] <= 500
    assert (await other.say("ping"))["type"] == "pong"


async def test_an_old_socket_is_asked_once_to_reconnect(world: World, ada: Person) -> None:
    told: list[Any] = []
    for minutes in (104.9, 115.1, 119):
        socket = await ada.open_socket()
        grow_old(world, socket, minutes=minutes)
        for _ in range(2):
            assert (await socket.say("ping"))["type"] == "pong"
        told.append(socket.received())

    about = {"reason": "max_age", "within_ms": 60_000, "jitter_ms": 45_000}
    asked = {"type": "reconnect", "data": about}
    assert told == [[], [asked], [asked]]


async def test_a_socket_entry_of_an_older_deployment_counts_as_unknown(
    world: World, ada: Person
) -> None:
    socket, other = await ada.open_socket(), await ada.open_socket()
    world.valkey.delete(socket_key(socket.id))
    world.valkey.set(f"connection:{{{socket.id}}}", '["user", "session", 1795417200]', ex=60)
    refused = await socket.say("ping")

    assert refused["error"]["code"] == "authentication_required"
    assert (await other.say("ping"))["type"] == "pong", "Valkey is not taken for away"


async def test_sockets_are_asked_to_reconnect_at_different_ages(world: World, ada: Person) -> None:
    sockets = [await ada.open_socket() for _ in range(12)]
    for socket in sockets:
        grow_old(world, socket, minutes=110)
        await socket.say("ping")
    asked = sum(len(socket.received()) for socket in sockets)

    assert 0 < asked < len(sockets)


def grow_old(world: World, socket: Socket, *, minutes: float) -> None:
    key = socket_key(socket.id)
    user, session, _ = str(world.valkey.hget(key, "who")).split()
    opened_at = int(time.time() - minutes * 60)
    world.valkey.hset(key, "who", f"{user} {session} {opened_at}")
