from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import UUID, uuid4

from cgraph.core.ids import SessionId, UserId
from cgraph.core.tokens import Kind, new_token, parse_token
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
    key = f"ticket:{{{ada.id}}}:{parse_token(ticket, kind=Kind.TICKET).hash.hex()}"
    assert 25 < int(str(world.valkey.ttl(key))) <= 30
    world.valkey.pexpire(key, 1)
    await asyncio.sleep(0.01)

    assert await new_socket(world).connect(ticket) == 401


async def test_an_invalid_ticket_is_refused(world: World, ada: Person) -> None:
    for wrong in ("", "cgt_", ada.access_token, "0" * 52):
        assert await new_socket(world).connect(wrong) == 401
    assert await new_socket(world).connect("x" * 201) == 401


async def test_a_forged_ticket_leaves_nothing_of_the_user_it_names(
    world: World, ada: Person
) -> None:
    issued = parse_token(await ticket_of(ada), kind=Kind.TICKET)
    forged = new_token(Kind.TICKET, user_id=UserId(UUID(ada.id)), session_id=issued.session_id)
    other = new_token(Kind.TICKET, user_id=issued.user_id, session_id=SessionId(uuid4()))
    mixed = replace(issued, session_id=other.session_id)
    for ticket in (forged, other, mixed):
        socket = new_socket(world)
        assert await socket.connect(str(ticket)) == 401
        reply = await socket.say("hello")
        assert (reply["ok"], reply["error"]["code"]) == (False, "authentication_required")
        assert not list(world.valkey.scan_iter(f"*{socket.id}*"))
        assert world.valkey.zscore("sockets", socket.id) is None
    assert world.valkey.hgetall(f"connections:{{{ada.id}}}") == {}
    assert await new_socket(world).connect(str(issued)) == 200


async def test_a_ticket_of_a_session_that_has_ended_is_refused(world: World, ada: Person) -> None:
    ticket = await ticket_of(ada)
    assert (await ada.call("log_out")).status == 204
    socket = new_socket(world)

    assert await socket.connect(ticket) == 401
    assert not list(world.valkey.scan_iter(f"*{socket.id}*"))
    assert world.valkey.hgetall(f"connections:{{{ada.id}}}") == {}


async def test_a_frame_of_an_unknown_socket_is_refused(world: World) -> None:
    reply = await new_socket(world).say("hello")

    assert (reply["ok"], reply["error"]["code"]) == (False, "authentication_required")
