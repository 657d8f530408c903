"""Measures `POST /sync` after a long absence: many events of one stream, and many streams in one
call.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

import psycopg

from cgraph.core import clock, ids
from tests.load.crowd import create_users
from tests.load.figures import Quantiles, quantiles
from tests.person import Document, Person
from tests.system import LocalSystem

WRITERS = 8

_CONVERSATIONS = """
    WITH new AS (
        SELECT * FROM unnest(%(ids)s::uuid[]) AS each (id)
    ), conversation AS (
        INSERT INTO conversations (id, kind, created_by, created_at, active_at, member_count)
        SELECT id, 'group', %(person)s, %(now)s, %(now)s, 1 FROM new
    ), stream AS (
        INSERT INTO streams (id, kind, head) SELECT id, 'conv', 1 FROM new
    ), member AS (
        INSERT INTO conversation_members (conversation_id, user_id, role, joined_at, large,
                                          active_at)
        SELECT id, %(person)s, 'owner', %(now)s, false, %(now)s FROM new
    )
    INSERT INTO events (stream_id, seq, type, payload, created_at)
    SELECT id, 1, 'conversation.updated',
           jsonb_build_object('conversation', jsonb_build_object('id', id, 'name', 'renamed')),
           %(now)s
    FROM new
"""


@dataclass(frozen=True, slots=True)
class CatchUpTimes:
    """`missed_ms`: the time of one call that returns `missed` events. `streams_ms`: the time of the
    first call with `streams` cursors, each one event behind. `calls`: the number of calls until all
    cursors are current.
    """

    missed: int
    missed_ms: Quantiles
    streams: int
    streams_ms: Quantiles
    calls: int


async def catch_up(system: LocalSystem, *, missed: int, streams: int, rounds: int) -> CatchUpTimes:
    person, *writers = create_users(system, 1 + WRITERS)
    conversation = await person.start_conversation(*writers)
    await _send(writers, conversation, number=missed)
    cursors = {f"conv:{conversation}": 0}
    missed_ms = [await _timed(person, cursors, events=missed) for _ in range(rounds)]
    conversations = _start_many(system, person, number=streams)
    first = min(streams, 1000)
    streams_ms = [await _timed(person, conversations, events=first) for _ in range(rounds)]
    return CatchUpTimes(
        missed=missed,
        missed_ms=quantiles(missed_ms),
        streams=streams,
        streams_ms=quantiles(streams_ms),
        calls=await _calls(person, conversations),
    )


async def _send(writers: list[Person], conversation: str, *, number: int) -> None:
    numbers = iter(range(number))

    async def send(writer: Person) -> None:
        for message_number in numbers:
            response = await writer.send_message(
                conversation, f"the message number {message_number} of many"
            )
            assert response.status_code == 201, response.text

    await asyncio.gather(*map(send, writers))


def _start_many(system: LocalSystem, person: Person, *, number: int) -> dict[str, int]:
    """Creates conversations that were each renamed once; returns cursors from before that."""
    now = clock.now()
    conversation_ids = [ids.uuid7(now) for _ in range(number)]
    with psycopg.connect(system.endpoints.conninfo, autocommit=True) as connection:
        connection.execute(
            _CONVERSATIONS, {"ids": conversation_ids, "person": person.id, "now": now}
        )
    return dict.fromkeys((f"conv:{id}" for id in conversation_ids), 0)


async def _timed(person: Person, cursors: dict[str, int], *, events: int) -> float:
    """Milliseconds until the response is read."""
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
    body = {"cursors": cursors, "limit": 1000}
    return dict(await person.request_json("POST", "/sync", body=body))
