from __future__ import annotations

import asyncio
import hashlib
from uuid import uuid4

from tests.feature.world import Person, Socket, World


def new_socket(world: World) -> Socket:
    return Socket(world, f"socket-{uuid4().hex}")


async def ticket_of(person: Person) -> str:
    return str((await person.call("make_ticket")).body["ticket"])


async def test_a_ticket_opens_one_socket(world: World, ada: Person) -> None:
    ticket = await ticket_of(ada)

    assert await new_socket(world).connect(ticket) == 200
    assert await new_socket(world).connect(ticket) == 401


async def test_a_ticket_expires_after_thirty_seconds(world: World, ada: Person) -> None:
    ticket = await ticket_of(ada)
    key = f"ticket:{hashlib.sha256(ticket.encode()).hexdigest()}"
    assert 25 < int(str(world.valkey.ttl(key))) <= 30
    world.valkey.pexpire(key, 1)
    await asyncio.sleep(0.01)

    assert await new_socket(world).connect(ticket) == 401


async def test_an_invalid_ticket_is_refused(world: World, ada: Person) -> None:
    for wrong in ("", "cgt_", ada.access_token, "0" * 52):
        assert await new_socket(world).connect(wrong) == 401
    assert await new_socket(world).connect("x" * 201) == 401


async def test_a_frame_of_an_unknown_socket_is_refused(world: World) -> None:
    reply = await new_socket(world).say("hello")

    assert (reply["ok"], reply["error"]["code"]) == (False, "authentication_required")
