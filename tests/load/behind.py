"""Catching up after a long absence, as `POST /sync` answers it: many events of one stream, and many
streams in one call."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

import psycopg

from cgraph.core import clock, ids
from tests.load.crowd import gather
from tests.load.figures import Quantiles, quantiles
from tests.person import Document, Person
from tests.system import LocalSystem

WRITERS = 8

_PLACES = """
    WITH place AS (
        SELECT * FROM unnest(%(ids)s::uuid[]) AS each (id)
    ), conversation AS (
        INSERT INTO conversations (id, kind, created_by, created_at, active_at, member_count)
        SELECT id, 'group', %(person)s, %(now)s, %(now)s, 1 FROM place
    ), stream AS (
        INSERT INTO streams (id, kind, head) SELECT id, 'conv', 1 FROM place
    ), member AS (
        INSERT INTO conversation_members (conversation_id, user_id, role, joined_at, large,
                                          active_at)
        SELECT id, %(person)s, 'owner', %(now)s, false, %(now)s FROM place
    )
    INSERT INTO events (stream_id, seq, type, payload, created_at)
    SELECT id, 1, 'conversation.updated',
           jsonb_build_object('conversation', jsonb_build_object('id', id, 'name', 'renamed')),
           %(now)s
    FROM place
"""


@dataclass(frozen=True, slots=True)
class Behind:
    """`missed_ms`: of one call that brings `missed` events. `streams_ms`: of the first call with
    `streams` cursors, each of them one event behind; `calls` until it has all."""

    missed: int
    missed_ms: Quantiles
    streams: int
    streams_ms: Quantiles
    calls: int


async def catch_up(system: LocalSystem, *, missed: int, streams: int, rounds: int) -> Behind:
    person, *writers = gather(system, 1 + WRITERS)
    conversation = await person.start(*writers)
    await _say(writers, conversation, number=missed)
    cursors = {f"conv:{conversation}": 0}
    missed_ms = [await _timed(person, cursors, events=missed) for _ in range(rounds)]
    places = _start_many(system, person, number=streams)
    first = min(streams, 1000)
    streams_ms = [await _timed(person, places, events=first) for _ in range(rounds)]
    return Behind(
        missed=missed,
        missed_ms=quantiles(missed_ms),
        streams=streams,
        streams_ms=quantiles(streams_ms),
        calls=await _calls(person, places),
    )


async def _say(writers: list[Person], conversation: str, *, number: int) -> None:
    numbers = iter(range(number))

    async def say(writer: Person) -> None:
        for which in numbers:
            answer = await writer.send(conversation, f"the message number {which} of many")
            assert answer.status_code == 201, answer.text

    await asyncio.gather(*map(say, writers))


def _start_many(system: LocalSystem, person: Person, *, number: int) -> dict[str, int]:
    """Conversations of one person, each of which was renamed; the cursors from before that."""
    now = clock.now()
    places = [ids.uuid7(now) for _ in range(number)]
    with psycopg.connect(system.endpoints.conninfo, autocommit=True) as connection:
        connection.execute(_PLACES, {"ids": places, "person": person.id, "now": now})
    return dict.fromkeys((f"conv:{place}" for place in places), 0)


async def _timed(person: Person, cursors: dict[str, int], *, events: int) -> float:
    """Milliseconds, until the answer is read."""
    began = time.perf_counter()
    reply = await _sync(person, cursors)
    took = (time.perf_counter() - began) * 1000
    gaps = reply["streams"].values()
    assert len(gaps) == len(cursors) and not any(gap.get("gone") for gap in gaps)
    assert sum(len(gap["events"]) for gap in gaps) == events
    return took


async def _calls(person: Person, cursors: dict[str, int] | None) -> int:
    number = 0
    while cursors is not None:
        cursors = (await _sync(person, cursors))["next"]
        number += 1
    return number


async def _sync(person: Person, cursors: dict[str, int]) -> Document:
    answer = await person.ask("POST", "/sync", body={"cursors": cursors, "limit": 1000})
    assert answer.is_success, answer.text
    return dict(answer.json())
