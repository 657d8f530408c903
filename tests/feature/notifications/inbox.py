"""Notifications in tests: the consumer is run, and what a user has is read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.feature.world import Person, World

CONSUMER = "workers.make_notifications"

STILL_RUNNING = """
    SELECT pg_snapshot_xmin(s.now) < pg_snapshot_xmax(s.now) FROM pg_current_snapshot() AS s (now)
"""


async def begin_at_the_end(world: World) -> None:
    """Leaves out what other tests have written into the log, some of it as no feature writes it."""
    async with asyncio.timeout(60):
        while await world.sql(STILL_RUNNING) == [(True,)]:
            await asyncio.sleep(0.02)
    await world.sql(
        """
        INSERT INTO consumers (name, shard, shards, since, since_at, moved_at)
        VALUES ('notifications', 0, 1, pg_snapshot_xmin(pg_current_snapshot()), now(), now())
        ON CONFLICT (name, shard) DO UPDATE SET
            since = excluded.since, since_at = excluded.since_at, until = NULL, until_at = NULL,
            stream_id = DEFAULT, seq = DEFAULT
        """
    )
    await world.sql("DELETE FROM failed_events WHERE consumer = 'notifications'")
    await world.sql("DELETE FROM notification_fan_outs")


async def make_notifications(world: World) -> None:
    """All events of the log have had their effect then."""
    result = await world.work_off(CONSUMER, {"shard": None})
    assert result == {"batchItemFailures": []}, result
    failed = "SELECT type, reason FROM failed_events WHERE consumer = 'notifications'"
    left = await world.sql(failed)
    assert not left, left


async def notifications(person: Person, query: str = "") -> list[Any]:
    """All, newest first; they fit one page. The badge counts those that are unread."""
    await make_notifications(person.world)
    answer = await person.call("list_notifications", query=query)
    assert (answer.status, answer.body["next"]) == (200, None), answer
    if not query:
        items = answer.body["items"]
        counted = {
            "unread": sum(not item["read"] for item in items),
            "unseen": sum(not item["seen"] for item in items),
        }
        assert await badge(person) == counted
    return list(answer.body["items"])


async def badge(person: Person) -> Any:
    (row,) = await person.world.sql(
        "SELECT unread, unseen FROM notification_counters WHERE user_id = %s", person.id
    )
    return {"unread": row[0], "unseen": row[1]}


async def kinds(person: Person) -> list[tuple[str, int]]:
    """Of the unread notifications: (kind, events), newest first."""
    return [
        (item["kind"], item["event_count"])
        for item in await notifications(person)
        if not item["read"]
    ]


@asynccontextmanager
async def nothing_for(*people: Person) -> AsyncIterator[None]:
    """What happens in the block notifies none of them."""
    before = [await kinds(person) for person in people]
    yield
    assert [await kinds(person) for person in people] == before


async def read_all(person: Person) -> None:
    newest, *_ = await notifications(person)
    answer = await person.call("read_notifications", {"up_to": newest["id"]})
    assert (answer.status, answer.body["unread"]) == (200, 0), answer


async def follow(person: Person, kind: str, id: str, level: str = "everything") -> None:
    answer = await person.call("put_follow", {"level": level}, kind=kind, id=id)
    assert answer.status == 200, answer
