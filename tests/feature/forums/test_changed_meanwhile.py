"""A write that was decided before something else was committed is decided again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, LiteralString

import psycopg

from tests.feature.conversation import send, start_group
from tests.feature.forum import Thread, new_forum
from tests.feature.world import Answer, Person, World

WAIT_SECONDS = 20.0
ONLY_MODERATORS: LiteralString = "UPDATE forums SET posting = 'moderators' WHERE id = %s"


async def answer_after(
    world: World,
    change: LiteralString,
    changed: str,
    *,
    stream: str,
    write: Callable[[], Awaitable[Answer]],
) -> Answer:
    """Of a write that has been decided, and waits for the stream while this is changed."""
    connection = await psycopg.AsyncConnection.connect(world.endpoints.admin_conninfo)
    async with connection:
        await connection.execute("SELECT FROM streams WHERE id = %s FOR NO KEY UPDATE", [stream])
        answer = asyncio.ensure_future(write())
        await until_somebody_waits(world)
        await connection.execute(change, [changed])
    return await answer


async def until_somebody_waits(world: World) -> None:
    deadline, pause = time.monotonic() + WAIT_SECONDS, 0.005
    while not await world.sql("SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'"):
        assert time.monotonic() < deadline, "nobody waits for the stream"
        await asyncio.sleep(pause)
        pause *= 2


async def test_a_post_is_refused_where_the_forum_has_been_closed_meanwhile(
    world: World, ada: Person, grace: Person
) -> None:
    forum = await new_forum(ada, grace)
    answer = await answer_after(
        world, ONLY_MODERATORS, forum.id, stream=forum.id, write=lambda: forum.try_post(grace)
    )
    assert answer.refusal == (403, "not_allowed")
    assert await forum.post_count() == 0 and await forum.post_events() == []


async def test_a_post_is_written_where_nothing_that_decides_has_changed(
    world: World, ada: Person, grace: Person
) -> None:
    forum = await new_forum(ada, grace)
    renamed: LiteralString = "UPDATE forums SET name = 'Another name' WHERE id = %s"
    answer = await answer_after(
        world, renamed, forum.id, stream=forum.id, write=lambda: forum.try_post(grace)
    )
    assert answer.status == 201
    assert await forum.post_count() == 1


async def test_a_comment_and_an_edit_are_refused_where_the_post_has_been_locked_meanwhile(
    world: World, ada: Person, grace: Person
) -> None:
    forum = await new_forum(ada, grace)
    lock: LiteralString = "UPDATE posts SET locked_at = now() WHERE id = %s"
    commented, edited = await forum.post(grace), await forum.post(grace)
    thread = Thread(world, forum, commented["id"])
    answer = await answer_after(
        world, lock, commented["id"], stream=thread.post, write=lambda: thread.try_comment(grace)
    )
    assert answer.refusal == (409, "post_locked")
    assert (await thread.counts())[3] == 0
    answer = await answer_after(
        world,
        lock,
        edited["id"],
        stream=forum.id,
        write=lambda: forum.edit_post(grace, edited, body="Another text"),
    )
    assert answer.refusal == (409, "post_locked")
    assert (await forum.show_post(grace, edited)).body["version"] == 1


async def test_a_comment_is_refused_where_its_parent_has_been_deleted_meanwhile(
    world: World, ada: Person, grace: Person
) -> None:
    forum = await new_forum(ada, grace)
    thread = Thread(world, forum, (await forum.post(ada))["id"])
    parent: dict[str, Any] = await thread.comment(ada)
    answer = await answer_after(
        world,
        "UPDATE comments SET deleted_at = now() WHERE id = %s",
        parent["id"],
        stream=thread.post,
        write=lambda: thread.try_comment(grace, parent_id=parent["id"]),
    )
    assert answer.refusal == (409, "comment_deleted")


async def test_nobody_joins_a_forum_that_has_been_closed_meanwhile(
    world: World, ada: Person, grace: Person
) -> None:
    forum = await new_forum(ada)
    answer = await answer_after(
        world,
        "UPDATE forums SET visibility = 'restricted', posting = 'members' WHERE id = %s",
        forum.id,
        stream=forum.id,
        write=lambda: forum.join(grace),
    )
    assert answer.refusal == (403, "not_allowed")
    assert await forum.roles(ada) == {"ada": "owner"}


async def test_a_message_is_not_edited_over_another_edit_and_not_deleted_by_a_former_member(
    world: World, ada: Person, grace: Person
) -> None:
    conversation = await start_group(ada, grace)
    message = (await send(grace, conversation.id, "first")).body
    answer = await answer_after(
        world,
        "UPDATE messages SET version = 2, content = 'second' WHERE id = %s",
        message["id"],
        stream=conversation.id,
        write=lambda: conversation.edit(grace, message, "third"),
    )
    assert answer.refusal == (409, "stale_version")
    answer = await answer_after(
        world,
        "DELETE FROM conversation_members WHERE user_id = %s",
        grace.id,
        stream=conversation.id,
        write=lambda: conversation.delete(grace, message),
    )
    assert answer.refusal == (404, "message_not_found")
    assert (await conversation.show_message(ada, message)).body["content"] == "second"
