"""What goes to many followers: in parts, resumed after a kill, and nobody twice; and what concerns
somebody directly does not wait for it."""

from __future__ import annotations

import asyncio
import time
from statistics import quantiles

import pytest

from tests.conftest import Report, Size
from tests.feature.forum import Forum, new_forum
from tests.feature.notifications.inbox import CONSUMER, make_notifications
from tests.feature.world import Person, World

WITHIN_SECONDS = 2.0


async def crowd(world: World, forum: Forum, number: int) -> None:
    """So many users who follow the forum."""
    await world.sql(
        """
        WITH person AS (
            INSERT INTO users (id, username, email, password_hash, display_name, created_at)
            SELECT gen_random_uuid(), 'f' || %s || n, 'f' || %s || n || '@example.org', '', 'x',
                   now()
            FROM generate_series(1, %s) AS n RETURNING id
        ), stream AS (
            INSERT INTO streams (id, kind) SELECT id, 'user' FROM person
        )
        INSERT INTO follows (user_id, kind, target_id, level, since)
        SELECT id, 'forum', %s, 'everything', now() FROM person
        """,
        *(forum.slug, forum.slug, number, forum.id),
    )
    await world.sql("ANALYZE follows, users, streams, notification_counters")


async def told(world: World, forum: Forum) -> list[tuple[int, int, int, int]]:
    """[(users, the most notifications of one, the most events of one, the largest badge)]"""
    return await world.sql(
        """
        SELECT count(*), max(n.number), max(n.events), max(k.unread) FROM (
            SELECT user_id, count(*) AS number, max(event_count) AS events FROM notifications
            WHERE place_id = %s GROUP BY user_id) AS n
        JOIN notification_counters k USING (user_id)
        """,
        forum.id,
    )


@pytest.mark.timeout(3600)
async def test_nobody_is_told_twice_after_kills(
    world: World, ada: Person, size: Size, report: Report
) -> None:
    number = size(800, 100_000)
    forum = await new_forum(ada)
    await crowd(world, forum, number)
    await make_notifications(world)
    await forum.post(ada)
    kills, began = 0, time.monotonic()
    while await told(world, forum) != [(number, 1, 1, 1)]:
        work = asyncio.ensure_future(world.work_off(CONSUMER, {"shard": None}))
        while kills < 5 and not work.done():
            killed = await world.sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE usename = 'cgraph' AND query LIKE '%%notify_followers%%'"
            )
            kills += len(killed)
            await asyncio.sleep(0.3 * len(killed))
        await work
    report("R23 fan-out", followers=number, kills=kills, seconds=round(time.monotonic() - began))
    assert kills > 0
    assert await world.sql("SELECT count(*) FROM notification_fan_outs") == [(0,)]


@pytest.mark.timeout(3600)
async def test_a_mention_elsewhere_does_not_wait_for_a_flood(
    world: World, ada: Person, grace: Person, size: Size, report: Report
) -> None:
    """The flood comes in small transactions: the log is read up to the oldest one that runs."""
    forum, elsewhere = await new_forum(ada), await new_forum(ada)
    post = await forum.post(ada)
    await make_notifications(world)
    number = size(600, 100_000)
    flood = asyncio.ensure_future(_flood(world, forum, post["id"], number))
    consumer = asyncio.ensure_future(_consume(world))
    waits: list[float] = []
    place = (await elsewhere.post(ada))["id"]
    try:
        while not (flood.done() and len(waits) >= 5):
            began = time.monotonic()
            body = {"body": f"@{grace.username}"}
            answer = await ada.call("create_comment", body, id=place, many=True)
            assert answer.status == 201, answer
            await _wait_for(world, answer.body["id"], consumer)
            waits.append(time.monotonic() - began)
    finally:
        flood.cancel()
        consumer.cancel()
        await asyncio.gather(flood, consumer, return_exceptions=True)
        await make_notifications(world)
    p95 = quantiles(waits, n=20)[-1]
    report("R23 flood", events=number, mentions=len(waits), p95_ms=round(p95 * 1000))
    assert p95 <= size(30.0, WITHIN_SECONDS), waits


async def _flood(world: World, forum: Forum, post: str, number: int) -> None:
    for _ in range(number // 10):
        await world.sql(
            """
            WITH written AS (
                SELECT id FROM generate_series(1, 10) AS n,
                    LATERAL (SELECT (lpad(to_hex(1760000000000 + n), 12, '0') || '70008000'
                                     || left(md5(random()::text || n), 12))::uuid AS id) AS new,
                    LATERAL write_comment(id, %s, NULL, %s, n::text, n::text, NULL, now())
            )
            SELECT log_event('post', %s, 'comment.created',
                             jsonb_build_object('comment', jsonb_build_object('id', w.id)), now())
            FROM written w
            """,
            *(post, forum.owner.id, post),
        )


async def _consume(world: World) -> None:
    while True:
        await world.work_off(CONSUMER, {"shard": None})


async def _wait_for(world: World, source: str, consumer: asyncio.Future[None]) -> None:
    """Until somebody was told of it."""
    async with asyncio.timeout(30):
        while not await world.sql(
            "SELECT 1 FROM notification_sources"
            " WHERE source_id = %s AND notification_id IS NOT NULL",
            source,
        ):
            assert not consumer.done(), consumer
            await asyncio.sleep(0.01)
