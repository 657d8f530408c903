"""R21, catching up: any cursor of any stream is answered by name; no silent gap, no leak."""

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
SECRET = "what they said among themselves"


@dataclass(frozen=True, slots=True)
class World:
    """`own`: the head of each stream that Ada may read; `foreign`: some that she may not."""

    ada: Person
    own: dict[str, int]
    foreign: Sequence[str]


@pytest.fixture
async def world(system: System) -> World:
    ada, bob, grace = await system.people(3)
    conversation, theirs, left = await ada.start(), await bob.start(grace), await bob.start(ada)
    removed = await bob.ask("DELETE", f"/conversations/{left}/members/{ada.id}")
    assert removed.is_success, removed.text
    for number in range(MESSAGES):
        assert (await ada.send(conversation, str(number))).is_success
        assert (await bob.send(theirs, SECRET)).is_success
        assert (await bob.send(left, SECRET)).is_success
    own = {f"conv:{conversation}": MESSAGES, f"user:{ada.id}": await head_of(ada)}
    kinds = (f"user:{conversation}", f"conv:{ada.id}", f"conv:{bob.id}", f"user:{theirs}")
    strangers = (f"conv:{theirs}", f"conv:{left}", f"user:{bob.id}", f"conv:{uuid4()}")
    return World(ada, own, [*kinds, *strangers])


async def test_every_cursor_is_answered(
    world: World, system: System, size: Size, report: Report
) -> None:
    dice, outcomes = random.Random(21), Counter[str]()
    socket = await world.ada.open_socket()
    for number in range(size(100, 1000)):
        stream, after = some_cursor(world, dice)
        body = {"cursors": {stream: after}}
        over_socket = number % 4 == 3
        status, answer = await (asked(socket, body) if over_socket else posted(world.ada, body))
        said = f"{stream}: {after!r}: {status} {answer}"
        assert status in (200, 422), said
        assert SECRET not in str(answer), said
        gap = answer["streams"][stream] if status == 200 else None
        outcome = judged(world, stream, after, gap, with_events=not over_socket)
        assert not outcome.startswith("not"), f"{said}: {outcome}"
        outcomes[outcome] += 1
    assert SECRET not in str(socket.texts)
    await socket.close()
    report("R21 bad sync cursors", cursors=outcomes.total(), **outcomes)


async def test_pages_have_no_gap(world: World) -> None:
    cursors = dict.fromkeys((*world.own, *world.foreign), 0)
    cursors |= {stream: max(0, head - 4) for stream, head in world.own.items()}
    first, told = dict(cursors), {stream: list[int]() for stream in world.own}
    while cursors:
        answer = (
            await world.ada.ask("POST", "/sync", body={"cursors": cursors, "limit": 3})
        ).json()
        for stream in told.keys() & answer["streams"].keys():
            told[stream] += [event["seq"] for event in answer["streams"][stream]["events"]]
        cursors = answer["next"] or {}
    for stream, head in world.own.items():
        assert told[stream] == list(range(first[stream] + 1, head + 1)), stream


async def test_two_thousand_streams_are_answered_and_no_more(world: World) -> None:
    some = [f"conv:{uuid4()}" for _ in range(STREAMS_AT_MOST - len(world.own))]
    cursors = world.own | dict.fromkeys(some, 0)
    status, answer = await posted(world.ada, {"cursors": cursors})
    assert status == 200
    assert answer["streams"].keys() == cursors.keys()
    assert all(answer["streams"][stream] == {"gone": True} for stream in some)
    assert all("gone" not in answer["streams"][stream] for stream in world.own)
    status, _ = await posted(world.ada, {"cursors": cursors | {f"conv:{uuid4()}": 0}})
    assert status == 422
    for limit in (0, -1, 1001, "x", 1.5, None):
        assert (await posted(world.ada, {"cursors": {}, "limit": limit}))[0] == 422


def some_cursor(world: World, dice: random.Random) -> tuple[str, Any]:
    readable = list(world.own)
    stream = dice.choice(dice.choice((readable, readable, world.foreign, malformed(world))))
    head = world.own.get(stream, 3)
    numbers = (*range(head + 1), head + 1, head + 7, LARGEST)
    return stream, dice.choice(dice.choice((numbers, numbers, numbers, NOT_NUMBERS)))


def malformed(world: World) -> list[str]:
    stream, *_ = world.own
    kind, _, id = stream.partition(":")
    return [
        *("", ":", kind, id, f":{id}", f"{kind}:", f"team:{id}", f"{kind}::{id}", f"{stream} "),
        *(stream.upper(), f"{kind}:{UUID(id).hex}", f"{kind}:{{{id}}}", f"{stream}\0"),
        *(f"urn:uuid:{id}", f"{kind}:{id[:-1]}", f"{kind}:{id}0", "conv:*", "x" * 500),
    ]


def judged(
    world: World, stream: str, after: Any, gap: Document | None, *, with_events: bool
) -> str:
    """What the answer says of the stream, by name; `not …` where it is wrong."""
    is_number = isinstance(after, int) and 0 <= after <= LARGEST
    if not is_number or stream in malformed(world):
        return "refused" if gap is None else "not refused"
    if gap is None:
        return "not answered"
    if stream in world.foreign:
        return "gone" if gap == {"gone": True} else "not gone"
    head = world.own[stream]
    if (gap["to"], gap["head"]) != (head, head):
        return "not at its head"
    if after > head:
        return "begin anew" if gap["limited"] else "not limited"
    events = [event["seq"] for event in gap.get("events", ())]
    complete = events == list(range(after + 1, head + 1)) or not with_events
    return "complete" if complete and not gap["limited"] else "not complete"


async def head_of(person: Person) -> int:
    """Of their own stream."""
    stream = f"user:{person.id}"
    answer = await person.ask("POST", "/sync", body={"cursors": {stream: LARGEST}})
    return int(answer.json()["streams"][stream]["head"])


async def posted(person: Person, body: Document) -> tuple[int, Document]:
    answer = await person.ask("POST", "/sync", body=body)
    return answer.status_code, answer.json()


async def asked(socket: Socket, body: Document) -> tuple[int, Document]:
    frame = await socket.ask("sync", body)
    if frame["ok"]:
        return 200, frame["data"]
    return frame["error"]["status"], frame["error"]
