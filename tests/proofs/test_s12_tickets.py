"""S12: tickets that are used twice, expired or stolen, and sockets of a session that has ended."""

from __future__ import annotations

import asyncio

from websockets.exceptions import InvalidStatus

from cgraph.core.tokens import Kind, parse_token
from tests.conftest import Report, Size
from tests.person import NoReply, Socket
from tests.system import LocalSystem, System

TICKET_SECONDS = 30
ENDS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("POST", "/auth/logout", {}),
    ("DELETE", "/auth/sessions", {"current": "true"}),
)
CLOSED_SECONDS = 2.0 + 3.0  # for a cold start of the worker
PATIENCE_SECONDS = 60.0
"""Of the fast variant, which runs beside other tests."""


async def test_a_ticket_opens_one_socket(system: System, size: Size, report: Report) -> None:
    rounds = size(5, 50)
    person = await system.new_person()
    opened = 0
    for _ in range(rounds):
        url = (await person.make_ticket())["url"]
        outcomes = await asyncio.gather(*(opens(url) for _ in range(10)))
        assert outcomes.count(True) == 1
        assert not await opens(url)
        opened += 1
    report("S12 tickets", used=rounds * 11, sockets_opened=opened)


async def test_a_ticket_expires(local: LocalSystem, size: Size) -> None:
    """The fast variant moves its expiry in Valkey."""
    ticket = await (await local.new_person()).make_ticket()
    assert ticket["expires_in"] == TICKET_SECONDS
    if size(0, TICKET_SECONDS):
        await asyncio.sleep(TICKET_SECONDS + 1)
    else:
        token = parse_token(ticket["ticket"], kind=Kind.TICKET)
        key = f"ticket:{{{token.user_id}}}:{token.hash.hex()}"
        with local.valkey() as valkey:
            assert 0 < valkey.ttl(key) <= TICKET_SECONDS
            valkey.pexpire(key, 1)
        await asyncio.sleep(0.05)
    assert not await opens(ticket["url"])


async def test_a_ticket_is_refused_elsewhere_and_after_its_use(
    system: System, rate_limited: LocalSystem
) -> None:
    owner, foreigner = await system.new_person(), await rate_limited.new_person()
    stolen = (await foreigner.make_ticket())["ticket"]
    mine = await owner.make_ticket()
    address, _, _ = mine["url"].partition("?")
    assert not await opens(f"{address}?ticket={stolen}")
    assert await opens(mine["url"])
    assert not await opens(mine["url"])


async def test_no_socket_outlives_its_session(system: System, size: Size, report: Report) -> None:
    for method, path, query in ENDS[: size(1, len(ENDS))]:
        took = await seconds_until_closed(system, method, path, **query)
        report(f"S12 sockets after {method} {path}", closed_after=f"{took:.2f} s")
        assert took <= size(PATIENCE_SECONDS, CLOSED_SECONDS)


async def seconds_until_closed(system: System, method: str, path: str, **query: str) -> float:
    """Until all sockets of the session that the request ends are closed."""
    person, other = await system.new_person(), await system.new_person()
    conversation = await person.start_conversation(other)
    greeted = await person.open_socket()
    silent = await Socket.open((await person.make_ticket())["url"])
    late = (await person.make_ticket())["url"]
    assert (await greeted.call("subscribe", {"streams": [f"conv:{conversation}"]}))["ok"]
    await person.request_json(method, path, **query)
    ended = asyncio.get_running_loop().time()
    assert not await can_act(silent, conversation)
    assert not await can_act(greeted, conversation)
    await asyncio.wait([greeted.reading, silent.reading], timeout=PATIENCE_SECONDS)
    took = asyncio.get_running_loop().time() - ended
    assert greeted.reading.done()
    assert silent.reading.done()
    assert any('"session_revoked"' in text for text in greeted.frames)
    assert not await opens(late) or not await can_act(await Socket.open(late), conversation)
    assert (await other.send_message(conversation, "just us")).status_code == 201
    assert not [text for socket in (greeted, silent) for text in socket.frames if "just us" in text]
    assert len(await other.history(conversation)) == 1
    await greeted.close()
    await silent.close()
    return took


async def can_act(socket: Socket, conversation: str) -> bool:
    """Whether it may still subscribe and send."""
    streams = {"streams": [f"conv:{conversation}"]}
    draft = {"conversation_id": conversation, "content": "me again"}
    try:
        replies = [await socket.call("subscribe", streams), await socket.call("send", draft)]
    except NoReply:
        return False
    return any(reply["ok"] for reply in replies)


async def opens(url: str) -> bool:
    try:
        socket = await Socket.open(url)
    except InvalidStatus as refused:
        assert refused.response.status_code in (401, 403), refused
        return False
    await socket.close()
    return True
