"""S12: 10,000 malformed frames; tickets used twice, expired, stolen; foreign streams."""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections import Counter

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.conftest import Report, Size
from tests.person import NoAnswer, Person, Socket
from tests.proofs.malformed import malformed_frame
from tests.system import LocalSystem, System

SOCKET_FUNCTIONS = ("Connect", "Disconnect", "Default", "Hello", "Ping", "Send", "Sync")
AT_ONCE = 20
TICKET_SECONDS = 30
SESSION_ENDS_SECONDS = 2.0 + 3.0  # a cold worker on a busy machine is not what is asked


async def test_no_handler_dies_of_a_malformed_frame(
    local: LocalSystem, size: Size, report: Report
) -> None:
    number = size(600, 10_000)
    person = await local.new_person()
    socket = await person.open_socket()
    before = local.errors(*SOCKET_FUNCTIONS), local.count("SELECT count(*) FROM events")
    dice = random.Random(12)
    codes: Counter[str] = Counter()
    for _ in range(number // AT_ONCE):
        codes += await answers(socket, [malformed_frame(dice) for _ in range(AT_ONCE)])
    pong = await socket.ask("ping", {})
    await socket.close()
    report("S12 malformed frames", frames=number, **codes)
    assert codes.total() == number
    assert "internal_error" not in codes
    assert pong["type"] == "pong"
    after = local.errors(*SOCKET_FUNCTIONS), local.count("SELECT count(*) FROM events")
    assert after == before


async def test_frames_that_are_no_text_close_the_socket_and_nothing_else(
    local: LocalSystem,
) -> None:
    person = await local.new_person()
    other = await person.open_socket()
    errors = local.errors(*SOCKET_FUNCTIONS)
    for content, text, code in (
        (b"\x00\xff", False, 1003),
        (b'{"action": "ping", "id": "\xff"}', True, 1007),
        (b"x" * 33_000, True, 1009),
        ([b"x" * 30_000] * 5, True, 1009),
    ):
        socket = await person.open_socket()
        with pytest.raises(ConnectionClosed) as closed:
            await socket.connection.send(content, text=text)
            await socket.connection.wait_closed()
            await socket.connection.send("x")
        await socket.close()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == code
    assert (await other.ask("ping", {}))["type"] == "pong"
    await other.close()
    assert local.errors(*SOCKET_FUNCTIONS) == errors


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


async def test_no_socket_outlives_its_session(system: System, report: Report) -> None:
    person, other = await system.new_person(), await system.new_person()
    conversation = await person.start(other)
    greeted = await person.open_socket()
    silent = await Socket.open((await person.ticket())["url"])
    late = (await person.ticket())["url"]
    assert (await person.ask("POST", "/auth/logout")).is_success
    ended = asyncio.get_running_loop().time()
    assert not await acts(silent, conversation)
    assert not await acts(greeted, conversation)
    await asyncio.wait([greeted.reading, silent.reading], timeout=SESSION_ENDS_SECONDS)
    took = asyncio.get_running_loop().time() - ended
    report("S12 sockets of an ended session", closed_after=f"{took:.2f} s")
    assert greeted.reading.done()
    assert silent.reading.done()
    assert any('"session_revoked"' in text for text in greeted.texts)
    assert not await opens(late) or not await acts(await Socket.open(late), conversation)
    assert (await other.send(conversation, "just us")).status_code == 201
    assert not [text for socket in (greeted, silent) for text in socket.texts if "just us" in text]
    assert len(await other.history(conversation)) == 1
    await greeted.close()
    await silent.close()


async def acts(socket: Socket, conversation: str) -> bool:
    """Whether it may still send for its person."""
    try:
        answer = await socket.ask("send", {"conversation_id": conversation, "content": "me again"})
    except NoAnswer:
        return False
    return bool(answer["ok"])


async def test_no_foreign_event_is_heard(system: System, size: Size, report: Report) -> None:
    talk, canary = size(20, 500), "only between the two"
    (ada, grace, *_), _ = await system.group(4)
    spy = await system.new_person("spy")
    conversation = await ada.start(grace)
    foreign = [f"conv:{conversation}", f"user:{ada.id}", f"user:{grace.id}"]
    socket = await spy.open_socket(cursors=dict.fromkeys(foreign, 0))
    friend = await grace.open_socket()
    for number in range(talk):
        assert (await ada.send(conversation, f"{canary} {number}")).status_code == 201
        await spy_on(spy, socket, foreign)
    await friend.until(lambda: len(friend.events) >= talk)
    await asyncio.sleep(0.5)
    await socket.close()
    await friend.close()
    report("S12 foreign streams", said=talk, heard=sum(canary in text for text in socket.texts))
    assert not [text for text in socket.texts if canary in text]
    assert socket.events == []


async def spy_on(spy: Person, socket: Socket, foreign: list[str]) -> None:
    pong = await socket.ask("ping", {"streams": foreign})
    assert set(pong["heads"]) == {f"user:{spy.id}"}
    cursors = dict.fromkeys(foreign, 0)
    over_socket = (await socket.ask("sync", {"cursors": cursors}))["data"]
    over_http = (await spy.ask("POST", "/sync", body={"cursors": cursors})).json()
    gone = {stream: {"gone": True} for stream in foreign}
    assert over_socket["streams"] == over_http["streams"] == gone


async def answers(socket: Socket, frames: list[str]) -> Counter[str]:
    """The codes of the refusals, one for each of the frames."""
    socket.refusals.clear()
    for frame in frames:
        await socket.connection.send(frame)
    try:
        await socket.until(lambda: len(socket.refusals) >= len(frames))
    except TimeoutError:
        shown = "\n".join(frame[:200] for frame in frames)
        raise AssertionError(f"{len(socket.refusals)} answers to:\n{shown}") from None
    return Counter(refusal["error"]["code"] for refusal in socket.refusals)


async def opens(url: str) -> bool:
    try:
        socket = await Socket.open(url)
    except InvalidStatus as refused:
        assert refused.response.status_code in (401, 403), refused
        return False
    await socket.close()
    return True
