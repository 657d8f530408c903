"""S12: 10,000 malformed frames; tickets used twice, expired, stolen; foreign streams; a flood."""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections import Counter

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.conftest import Report, Size
from tests.person import Person, Socket
from tests.proofs.malformed import malformed_frame
from tests.system import LocalSystem

SOCKET_FUNCTIONS = ("Connect", "Disconnect", "Default", "Hello", "Ping", "Send", "Sync")
AT_ONCE = 20
TICKET_SECONDS = 30
FLOOD = 1000
SAY_EVERY = 0.1


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


async def test_a_ticket_opens_one_socket(local: LocalSystem, size: Size, report: Report) -> None:
    rounds = size(5, 50)
    person = await local.new_person()
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
    local: LocalSystem, limited: LocalSystem
) -> None:
    owner, foreigner = await local.new_person(), await limited.new_person()
    stolen = (await foreigner.ticket())["ticket"]
    mine = await owner.ticket()
    address, _, _ = mine["url"].partition("?")
    assert not await opens(f"{address}?ticket={stolen}")
    assert await opens(mine["url"])
    assert not await opens(mine["url"])


async def test_no_foreign_event_is_heard(local: LocalSystem, size: Size, report: Report) -> None:
    talk, canary = size(20, 500), "only between the two"
    (ada, grace, *_), _ = await local.group(4)
    spy = await local.new_person("spy")
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


async def test_a_flood_from_one_socket_does_not_slow_the_others(
    limited: LocalSystem, size: Size, report: Report
) -> None:
    """Limits are in force: that is what holds the flood off. The fast variant measures beside
    whatever else the machine does, so only the full one, which has it to itself, judges by time."""
    seconds = size(4, 20)
    people, conversation = await limited.group(5)
    flooder = await (await limited.new_person("flooder")).open_socket()
    errors = limited.errors(*SOCKET_FUNCTIONS)
    await talk(people, conversation, seconds=1)
    calm = await talk(people, conversation, seconds=seconds)
    flooding = asyncio.create_task(flood(flooder, seconds=seconds))
    flooded = await talk(people, conversation, seconds=seconds)
    sent = await flooding
    refused = Counter(refusal["error"]["code"] for refusal in flooder.refusals)
    await flooder.close()
    report(
        "S12 flood",
        frames=sent,
        frames_a_second=round(sent / seconds),
        **refused,
        sends_of_others=len(flooded),
        p99_calm=f"{p99(calm):.1f} ms",
        p99_flooded=f"{p99(flooded):.1f} ms",
    )
    assert refused["rate_limited"] > 0
    assert limited.errors(*SOCKET_FUNCTIONS) == errors
    if percent := size(0, 20):
        assert p99(flooded) <= (1 + percent / 100) * p99(calm)


async def flood(socket: Socket, *, seconds: float) -> int:
    """A thousand frames a second, or as many as the socket takes."""
    clock = asyncio.get_running_loop().time
    began, sent = clock(), 0
    while (passed := clock() - began) < seconds:
        while sent < passed * FLOOD:
            await socket.connection.send('{"action": "ping", "data": {}, "id": "flood"}')
            sent += 1
        await asyncio.sleep(0.005)
    return sent


async def talk(people: list[Person], conversation: str, *, seconds: float) -> list[float]:
    """Each as often as the limit lets them; how long each send took, in milliseconds."""
    clock = asyncio.get_running_loop().time
    ends, took = clock() + seconds, []

    async def say(person: Person) -> None:
        while (began := clock()) < ends:
            assert (await person.send(conversation, "calm")).status_code == 201
            took.append((clock() - began) * 1000)
            await asyncio.sleep(SAY_EVERY)

    await asyncio.gather(*map(say, people))
    return took


def p99(milliseconds: list[float]) -> float:
    return sorted(milliseconds)[len(milliseconds) * 99 // 100]


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
