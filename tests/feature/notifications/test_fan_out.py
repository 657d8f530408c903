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
from tests.feature.notifications.moved_clock import peak_memory_mb, work_for_a_moment
from tests.feature.world import Person, World

WITHIN_SECONDS = 2.0
MEMORY_MB = 40
"""What the function may take more than before: it has some hundred followers at a time."""


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
    kills, began, memory = 0, time.monotonic(), await world.run(peak_memory_mb)
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
    seconds, grown = round(time.monotonic() - began, 1), await world.run(peak_memory_mb) - memory
    report("R23 fan-out", followers=number, kills=kills, seconds=seconds, memory_mb=grown)
    assert kills > 0
    assert grown < MEMORY_MB
    assert await world.sql("SELECT count(*) FROM notification_fan_outs") == [(0,)]


@pytest.mark.timeout(3600)
async def test_a_mention_elsewhere_does_not_wait_for_a_flood(
    world: World, ada: Person, grace: Person, eve: Person, size: Size, report: Report
) -> None:
    """The flood comes faster than the consumer can do it, and is a long backlog from then on."""
    forum, elsewhere = await new_forum(ada), await new_forum(ada)
    post = await forum.post(ada)
    await make_notifications(world)
    number = size(1000, 100_000)
    flood = asyncio.ensure_future(_flood(world, post["id"], author=eve, number=number))
    consumer = asyncio.ensure_future(_consume(world))
    waits: list[float] = []
    place, began = (await elsewhere.post(ada))["id"], time.monotonic()
    try:
        while not (flood.done() and len(waits) >= 5 and await _is_done(world, number, ada)):
            waits.append(await _mention(world, ada, grace, post=place, consumer=consumer))
    finally:
        flood.cancel()
        consumer.cancel()
        await asyncio.gather(flood, consumer, return_exceptions=True)
        await make_notifications(world)
    p95, seconds = quantiles(waits, n=20)[-1], round(time.monotonic() - began, 1)
    counted = {"events": number, "seconds": seconds, "mentions": len(waits)}
    report("R23 flood", **counted, p95_ms=round(p95 * 1000), longest_ms=round(max(waits) * 1000))
    assert p95 <= size(30.0, WITHIN_SECONDS), waits


@pytest.mark.parametrize("busy", [50, 0])
async def test_what_came_in_quiet_streams_overtakes_a_backlog(
    world: World, ada: Person, grace: Person, eve: Person, busy: int
) -> None:
    """Where no stream counts as quiet, it waits for its turn: so the proof fails without."""
    forum, elsewhere = await new_forum(ada), await new_forum(ada)
    post, place = (await forum.post(ada))["id"], (await elsewhere.post(ada))["id"]
    assert post < place, "the consumer does the streams of a window in this order"
    await make_notifications(world)
    await _flood(world, post, author=eve, number=1000)
    answer = await ada.call("create_comment", {"body": f"@{grace.username}"}, id=place)
    async with asyncio.timeout(60):
        while not await world.sql(
            "SELECT 1 FROM consumers WHERE name = 'notifications' AND until IS NOT NULL"
        ):
            await world.run(work_for_a_moment, busy)
    assert bool(await _is_told(world, answer.body["id"])) == (busy > 0)
    async with asyncio.timeout(60):
        while not await _is_done(world, 1000, ada):
            await make_notifications(world)
    assert await _is_told(world, answer.body["id"])
    assert (await grace.call("show_badge")).body == {"unread": 1, "unseen": 1}


async def _flood(world: World, post: str, *, author: Person, number: int) -> None:
    """So many comments, a thousand in a transaction."""
    for _ in range(number // 1000):
        await world.sql(
            """
            WITH place AS (SELECT %s::uuid AS post, %s::uuid AS author), written AS (
                INSERT INTO comments (id, post_id, parent_id, path, author_id, body, body_html,
                                      created_at)
                SELECT gen_random_uuid(), post, post, '{}', author, n::text, '', now()
                FROM place, generate_series(1, 1000) AS n RETURNING id, post_id, body::bigint AS n
            ), stream AS (
                UPDATE streams SET head = head + 1000 FROM place WHERE id = post RETURNING head
            )
            INSERT INTO events (stream_id, seq, type, payload, created_at)
            SELECT post_id, stream.head - 1000 + n, 'comment.created',
                   jsonb_build_object('comment', jsonb_build_object('id', id)), now()
            FROM written, stream
            """,
            *(post, author.id),
        )


async def _mention(
    world: World, ada: Person, grace: Person, *, post: str, consumer: asyncio.Future[None]
) -> float:
    """The seconds until she is notified."""
    began = time.monotonic()
    body = {"body": f"@{grace.username}"}
    answer = await ada.call("create_comment", body, id=post, many=True)
    assert answer.status == 201, answer
    async with asyncio.timeout(60):
        while not await _is_told(world, answer.body["id"]):
            assert not consumer.done(), consumer
            await asyncio.sleep(0.01)
    return time.monotonic() - began


async def _is_told(world: World, source: str) -> list[tuple[object, ...]]:
    return await world.sql(
        "SELECT 1 FROM notification_sources WHERE source_id = %s AND notification_id IS NOT NULL",
        source,
    )


async def _is_done(world: World, number: int, author: Person) -> bool:
    """The author of the post is notified of all that the flood answers."""
    told = await world.sql(
        "SELECT sum(event_count) FROM notifications WHERE user_id = %s AND kind = 'reply'",
        author.id,
    )
    return told == [(number,)]


async def _consume(world: World) -> None:
    while True:
        await world.work_off(CONSUMER, {"shard": None})
