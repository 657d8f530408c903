"""Notifications in which nothing has happened for half a year are deleted, and do not come back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.feature.forum import new_forum
from tests.feature.notifications.inbox import badge, begin_at_the_end, kinds, notifications
from tests.feature.notified import notify, read
from tests.feature.world import Person, World

OLD, RECENT = -timedelta(days=181), -timedelta(days=179)
TIMER = "schedules.expire_nonces"


@pytest.fixture
async def person(world: World) -> Person:
    return await world.new_person("reader")


async def test_old_ones_go_with_their_sources_and_the_badge_is_right(
    world: World, person: Person, ada: Person
) -> None:
    await begin_at_the_end(world)
    old, _ = [await notify(person, actor=ada, after=OLD) for _ in range(2)]
    await read(person, old)
    await world.sql(
        "UPDATE notification_counters SET unread = unread - 1 WHERE user_id = %s", person.id
    )
    recent = await notify(person, actor=ada, after=RECENT)
    await world.sql(
        "UPDATE notification_counters SET unseen = unread WHERE user_id = %s", person.id
    )
    await world.work_off(TIMER)
    assert [each["id"] for each in await notifications(person)] == [recent]
    assert await badge(person) == {"unread": 1, "unseen": 1}
    kept = "SELECT notification_id::text FROM notification_sources WHERE user_id = %s"
    assert await world.sql(kept, person.id) == [(recent,)]
    logged = "SELECT type FROM events WHERE stream_id = %s AND type LIKE 'notif%%'"
    assert await world.sql(logged, person.id) == [("notifications.read",)]


async def age(person: Person) -> None:
    """As if all of theirs had happened half a year ago."""
    for statement in (
        "UPDATE notifications SET updated_at = now() - interval '181 days' WHERE user_id = %s",
        "UPDATE notification_sources SET created_at = now() - interval '181 days'"
        " WHERE user_id = %s",
    ):
        await person.world.sql(statement, person.id)


async def test_the_count_of_mentions_goes_with_them(
    world: World, person: Person, ada: Person
) -> None:
    await begin_at_the_end(world)
    conversation = await ada.converse(person)
    await ada.send(conversation, f"@{person.username}")
    assert await kinds(person) == [("mention", 1)]
    await age(person)
    await world.work_off(TIMER)
    assert await kinds(person) == []
    shown = await person.call("show_conversation", id=conversation)
    assert shown.body["mention_count"] == 0


async def test_what_was_deleted_does_not_come_back_with_an_edit(
    world: World, person: Person, ada: Person
) -> None:
    await begin_at_the_end(world)
    forum = await new_forum(ada)
    post = await forum.post(ada, body=f"@{person.username}")
    assert await kinds(person) == [("mention", 1)]
    await age(person)
    dated = "UPDATE posts SET created_at = now() - %s::interval WHERE id = %s"
    await world.sql(dated, "181 days", post["id"])
    await world.work_off(TIMER)
    for version, days, right in ((1, "181 days", []), (2, "179 days", [("mention", 1)])):
        await world.sql(dated, days, post["id"])
        change = {"body": f"@{person.username} {version}", "version": version}
        assert (await ada.call("edit_post", change, id=post["id"])).status == 200
        assert await kinds(person) == right
