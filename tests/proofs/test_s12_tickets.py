"""S12: tickets used twice, expired, stolen; sockets of a session that has ended."""

from __future__ import annotations

import asyncio
import hashlib

from websockets.exceptions import InvalidStatus

from tests.conftest import Report, Size
from tests.person import NoAnswer, Socket
from tests.system import LocalSystem, System

TICKET_SECONDS = 30
ENDS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("POST", "/auth/logout", {}),
    ("DELETE", "/auth/sessions", {"current": "true"}),
)
SESSION_ENDS_SECONDS = 2.0 + 3.0  # a cold worker on a busy machine is not what is asked


async def test_a_ticket_opens_one_socket(system: System, size: Size, report: Report) -> None:
    rounds = size(5, 50)
    person = await system.new_person()
    opened = 0
    for _ in range(rounds):
        url = (await person.ticket())["url"]
        outcomes = await asyncio.gather(*(opens(url) for _ in range(10)))
        assert outcomes.count(True) == 1
        assert not await opens(url)
        opened += 1
    report("S12 tickets", used=rounds * 11, sockets_opened=opened)


async def test_a_ticket_expires(local: LocalSystem, size: Size) -> None:
    """The fast variant lets the time pass where it is kept."""
    ticket = await (await local.new_person()).ticket()
    assert ticket["expires_in"] == TICKET_SECONDS
    if size(0, TICKET_SECONDS):
        await asyncio.sleep(TICKET_SECONDS + 1)
    else:
        digest = hashlib.sha256(ticket["ticket"].encode()).hexdigest()
        with local.valkey() as valkey:
            assert 0 < valkey.ttl(f"ticket:{digest}") <= TICKET_SECONDS
            valkey.pexpire(f"ticket:{digest}", 1)
        await asyncio.sleep(0.05)
    assert not await opens(ticket["url"])


async def test_a_stolen_ticket_is_worth_nothing_elsewhere_or_later(
    system: System, limited: LocalSystem
) -> None:
    owner, foreigner = await system.new_person(), await limited.new_person()
    stolen = (await foreigner.ticket())["ticket"]
    mine = await owner.ticket()
    address, _, _ = mine["url"].partition("?")
    assert not await opens(f"{address}?ticket={stolen}")
    assert await opens(mine["url"])
    assert not await opens(mine["url"])


async def test_no_socket_outlives_its_session(system: System, size: Size, report: Report) -> None:
    for method, path, query in ENDS[: size(1, len(ENDS))]:
        took = await closed_by(system, method, path, **query)
        report(f"S12 sockets after {method} {path}", closed_after=f"{took:.2f} s")


async def closed_by(system: System, method: str, path: str, **query: str) -> float:
    """The seconds until all sockets of a session were closed."""
    person, other = await system.new_person(), await system.new_person()
    conversation = await person.start(other)
    greeted = await person.open_socket()
    silent = await Socket.open((await person.ticket())["url"])
    late = (await person.ticket())["url"]
    assert (await greeted.ask("subscribe", {"streams": [f"conv:{conversation}"]}))["ok"]
    assert (await person.ask(method, path, **query)).is_success
    ended = asyncio.get_running_loop().time()
    assert not await acts(silent, conversation)
    assert not await acts(greeted, conversation)
    await asyncio.wait([greeted.reading, silent.reading], timeout=SESSION_ENDS_SECONDS)
    took = asyncio.get_running_loop().time() - ended
    assert greeted.reading.done()
    assert silent.reading.done()
    assert any('"session_revoked"' in text for text in greeted.texts)
    assert not await opens(late) or not await acts(await Socket.open(late), conversation)
    assert (await other.send(conversation, "just us")).status_code == 201
    assert not [text for socket in (greeted, silent) for text in socket.texts if "just us" in text]
    assert len(await other.history(conversation)) == 1
    await greeted.close()
    await silent.close()
    return took


async def acts(socket: Socket, conversation: str) -> bool:
    """Whether it may still look and send for its person."""
    looking = {"streams": [f"conv:{conversation}"]}
    saying = {"conversation_id": conversation, "content": "me again"}
    try:
        tried = [await socket.ask("subscribe", looking), await socket.ask("send", saying)]
    except NoAnswer:
        return False
    return any(answer["ok"] for answer in tried)


async def opens(url: str) -> bool:
    try:
        socket = await Socket.open(url)
    except InvalidStatus as refused:
        assert refused.response.status_code in (401, 403), refused
        return False
    await socket.close()
    return True
