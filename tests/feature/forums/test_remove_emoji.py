"""Emoji are removed and replaced, and their uploads with them."""

from __future__ import annotations

from tests.feature.emoji import added, names, put
from tests.feature.forum import Forum
from tests.feature.world import Person, World

IS_DELETED = "SELECT deleted_at IS NOT NULL FROM uploads WHERE id = %s"


async def test_an_emoji_that_is_replaced_or_removed_frees_its_upload(
    world: World, ada: Person, forum: Forum
) -> None:
    first = await added(forum, ada, "kettle")
    assert (await ada.call("delete_upload", id=first)).refusal == (409, "upload_in_use")
    second = await added(forum, ada, "kettle")
    assert await world.sql(IS_DELETED, first) == [(True,)]
    assert (await put(forum, ada, "kettle", second)).status == 200
    assert await world.sql(IS_DELETED, second) == [(False,)]
    assert await names(forum, ada) == ["kettle"]
    assert (await forum.call(ada, "remove_emoji", name="kettle")).status == 204
    assert await world.sql(IS_DELETED, second) == [(True,)]
    again = await forum.call(ada, "remove_emoji", name="kettle")
    assert again.refusal == (404, "emoji_not_found")


async def test_one_upload_may_be_two_emoji(world: World, ada: Person, forum: Forum) -> None:
    id = await added(forum, ada, "kettle")
    assert (await put(forum, ada, "pot", id)).status == 200
    await forum.call(ada, "remove_emoji", name="kettle")
    assert await world.sql(IS_DELETED, id) == [(False,)]
    await forum.call(ada, "remove_emoji", name="pot")
    assert await world.sql(IS_DELETED, id) == [(True,)]


async def test_changes_are_events_and_in_the_audit_log(ada: Person, forum: Forum) -> None:
    id = await added(forum, ada, "kettle")
    await forum.call(ada, "remove_emoji", name="kettle")

    (put_type, put_data), (removed_type, removed_data) = (await forum.events())[-2:]
    assert (put_type, put_data["emoji"]["name"]) == ("emoji.updated", "kettle")
    picture = put_data["emoji"]["picture"]
    assert (picture["id"], picture["url"]) == (id, None)
    assert (removed_type, removed_data) == ("emoji.removed", {"name": "kettle"})
    log = [(each["action"], each["detail"]) for each in (await forum.audit_log())[-2:]]
    assert log == [("put_emoji", {"name": "kettle"}), ("remove_emoji", {"name": "kettle"})]
    assert await forum.audit_faults() == []
