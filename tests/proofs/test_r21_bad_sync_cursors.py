"""R21, catching up: any cursor of any stream is refused by name or synced: no gap, no leak."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.conftest import Report, Size
from tests.person import Document, Person, Socket
from tests.system import System

STREAMS_AT_MOST = 2000
LARGEST = 2**62
MESSAGES = 5
NOT_NUMBERS: tuple[Any, ...] = (
    -1,
    -(2**63),
    LARGEST + 1,
    2**63,
    2**200,
    1.5,
    "x",
    "",
    None,
    [],
    {},
)
SECRET = "what others have written to each other"


@dataclass(frozen=True, slots=True)
class Streams:
    """`own`: the head of each stream that Ada may read; `foreign`: those that she may not read."""

    ada: Person
    own: dict[str, int]
    foreign: Sequence[str]


@pytest.fixture
async def streams(system: System) -> Streams:
    ada, bob, grace = await system.people(3)
    conversation, theirs, left = (
        await ada.start_conversation(),
        await bob.start_conversation(grace),
        await bob.start_conversation(ada),
    )
    await bob.request_json("DELETE", f"/conversations/{left}/members/{ada.id}")
    for number in range(MESSAGES):
        assert (await ada.send_message(conversation, str(number))).is_success
        assert (await bob.send_message(theirs, SECRET)).is_success
        assert (await bob.send_message(left, SECRET)).is_success
    own = {f"conv:{conversation}": MESSAGES, f"user:{ada.id}": await head_of(ada)}
    kinds = (f"user:{conversation}", f"conv:{ada.id}", f"conv:{bob.id}", f"user:{theirs}")
    others = (f"conv:{theirs}", f"conv:{left}", f"user:{bob.id}", f"conv:{uuid4()}")
    return Streams(ada, own, [*kinds, *others])


async def test_a_bad_sync_cursor_is_refused_or_reported(
    streams: Streams, system: System, size: Size, report: Report
) -> None:
    dice, outcomes = random.Random(21), Counter[str]()
    socket = await streams.ada.open_socket()
    for number in range(size(100, 1000)):
        stream, after = some_cursor(streams, dice)
        body = {"cursors": {stream: after}}
        over_socket = number % 4 == 3
        send = sync_frame(socket, body) if over_socket else post_sync(streams.ada, body)
        status, document = await send
        title = f"{stream}: {after!r}: {status} {document}"
        assert status in (200, 422), title
        assert SECRET not in str(document), title
        gap = document["streams"][stream] if status == 200 else None
        outcome = outcome_of(streams, stream, after, gap, with_events=not over_socket)
        assert not outcome.startswith("not"), f"{title}: {outcome}"
        outcomes[outcome] += 1
    assert SECRET not in str(socket.frames)
    await socket.close()
    report("R21 bad sync cursors", cursors=outcomes.total(), **outcomes)


async def test_pages_of_a_sync_have_no_gap(streams: Streams) -> None:
    cursors = dict.fromkeys((*streams.own, *streams.foreign), 0)
    cursors |= {stream: max(0, head - 4) for stream, head in streams.own.items()}
    first, numbers = dict(cursors), {stream: list[int]() for stream in streams.own}
    while cursors:
        body = {"cursors": cursors, "limit": 3}
        page = await streams.ada.request_json("POST", "/sync", body=body)
        for stream in numbers.keys() & page["streams"].keys():
            numbers[stream] += [event["seq"] for event in page["streams"][stream]["events"]]
        cursors = page["next"] or {}
    for stream, head in streams.own.items():
        assert numbers[stream] == list(range(first[stream] + 1, head + 1)), stream


async def test_two_thousand_streams_are_synced_and_more_are_refused(streams: Streams) -> None:
    some = [f"conv:{uuid4()}" for _ in range(STREAMS_AT_MOST - len(streams.own))]
    cursors = streams.own | dict.fromkeys(some, 0)
    status, document = await post_sync(streams.ada, {"cursors": cursors})
    assert status == 200
    assert document["streams"].keys() == cursors.keys()
    assert all(document["streams"][stream] == {"gone": True} for stream in some)
    assert all("gone" not in document["streams"][stream] for stream in streams.own)
    status, _ = await post_sync(streams.ada, {"cursors": cursors | {f"conv:{uuid4()}": 0}})
    assert status == 422
    for limit in (0, -1, 1001, "x", 1.5, None):
        assert (await post_sync(streams.ada, {"cursors": {}, "limit": limit}))[0] == 422


def some_cursor(streams: Streams, dice: random.Random) -> tuple[str, Any]:
    readable = list(streams.own)
    stream = dice.choice(dice.choice((readable, readable, streams.foreign, malformed(streams))))
    head = streams.own.get(stream, 3)
    numbers = (*range(head + 1), head + 1, head + 7, LARGEST)
    return stream, dice.choice(dice.choice((numbers, numbers, numbers, NOT_NUMBERS)))


def malformed(streams: Streams) -> list[str]:
    stream, *_ = streams.own
    kind, _, id = stream.partition(":")
    return [
        *("", ":", kind, id, f":{id}", f"{kind}:", f"team:{id}", f"{kind}::{id}", f"{stream} "),
        *(stream.upper(), f"{kind}:{UUID(id).hex}", f"{kind}:{{{id}}}", f"{stream}\0"),
        *(f"urn:uuid:{id}", f"{kind}:{id[:-1]}", f"{kind}:{id}0", "conv:*", "x" * 500),
    ]


def outcome_of(
    streams: Streams, stream: str, after: Any, gap: Document | None, *, with_events: bool
) -> str:
    """What the response says about the stream; `not …` where that is wrong."""
    is_number = isinstance(after, int) and 0 <= after <= LARGEST
    if not is_number or stream in malformed(streams):
        return "refused" if gap is None else "not refused"
    if gap is None:
        return "not there"
    if stream in streams.foreign:
        return "gone" if gap == {"gone": True} else "not gone"
    head = streams.own[stream]
    if (gap["to"], gap["head"]) != (head, head):
        return "not at its head"
    if after > head:
        return "begin anew" if gap["limited"] else "not limited"
    events = [event["seq"] for event in gap.get("events", ())]
    complete = events == list(range(after + 1, head + 1)) or not with_events
    return "complete" if complete and not gap["limited"] else "not complete"


async def head_of(person: Person) -> int:
    """Of their user stream."""
    stream = f"user:{person.id}"
    answer = await person.request("POST", "/sync", body={"cursors": {stream: LARGEST}})
    return int(answer.json()["streams"][stream]["head"])


async def post_sync(person: Person, body: Document) -> tuple[int, Document]:
    response = await person.request("POST", "/sync", body=body)
    return response.status_code, response.json()


async def sync_frame(socket: Socket, body: Document) -> tuple[int, Document]:
    frame = await socket.call("sync", body)
    if frame["ok"]:
        return 200, frame["data"]
    return frame["error"]["status"], frame["error"]
