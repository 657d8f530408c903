"""Deleted and removed comments without replies leave the tree after a day."""

from __future__ import annotations

from typing import Any

from cgraph_local.api_documents.frames import EVENTS
from tests.feature.forum import Thread, new_thread
from tests.feature.world import Person, World


async def make_a_day_pass(world: World, *comments: Any) -> None:
    """For these comments."""
    ids = [each["id"] for each in comments]
    await world.sql(
        "UPDATE comments SET deleted_at = deleted_at - interval '25 hours',"
        " removed_at = removed_at - interval '25 hours' WHERE id = ANY (%s)",
        ids,
    )
    await world.sql(
        "UPDATE comment_prunings SET due_at = due_at - interval '25 hours'"
        " WHERE comment_id = ANY (%s)",
        ids,
    )
    await world.work_off("schedules.expire_nonces")


async def counts(thread: Thread, reader: Person) -> list[int]:
    """Of comments: in the tree, in the post, in the list."""
    level = await thread.list_comments(reader)
    post = await thread.forum.show_post(reader, {"id": thread.post})
    (listed,) = (await thread.forum.list_posts(reader)).body["items"]
    shown = sum(1 + len(each["replies"]["items"]) for each in level["items"])
    return [shown, post.body["comment_count"], listed["comment_count"]]


async def test_a_tombstone_without_replies_leaves_the_tree_after_a_day(
    world: World, ada: Person, grace: Person
) -> None:
    thread = await new_thread(ada)
    kept, deleted, removed = [await thread.comment(grace) for _ in range(3)]
    await grace.call("delete_comment", id=deleted["id"])
    await ada.call("remove_comment", {}, id=removed["id"])
    await world.work_off("schedules.expire_nonces")
    assert await counts(thread, grace) == [3, 3, 3]

    await make_a_day_pass(world, deleted, removed)
    for reader in (ada, grace):
        assert await counts(thread, reader) == [1, 1, 1]
        for sort in ("best", "new", "old"):
            (item,) = (await thread.list_comments(reader, sort=sort))["items"]
            assert item["id"] == kept["id"]
    type, data = (await thread.events())[-1]
    assert type == "comments.pruned"
    assert EVENTS[type].model_validate(data).model_dump(mode="json") == data  # type: ignore[union-attr]
    assert set(data["comment_ids"]) == {deleted["id"], removed["id"]}
    assert (data["post"]["comment_count"], data["parents"]) == (1, [])

    assert (await ada.call("restore_comment", id=removed["id"])).status == 204
    assert await counts(thread, grace) == [2, 2, 2]


async def test_a_tombstone_with_replies_stays_until_they_have_left(
    world: World, ada: Person, grace: Person
) -> None:
    thread = await new_thread(ada)
    parent = await thread.comment(grace)
    reply = await thread.comment(grace, parent_id=parent["id"])
    await grace.call("delete_comment", id=parent["id"])
    await make_a_day_pass(world, parent)
    assert await counts(thread, grace) == [2, 2, 2]

    await grace.call("delete_comment", id=reply["id"])
    await world.work_off("schedules.expire_nonces")
    assert await counts(thread, grace) == [2, 2, 2]
    await make_a_day_pass(world, reply)
    assert await counts(thread, grace) == [0, 0, 0]
    assert await thread.counts() == (0, 0, 0, 0, 0)


async def test_a_parent_that_stays_has_fewer_replies(
    world: World, ada: Person, grace: Person
) -> None:
    thread = await new_thread(ada)
    parent = await thread.comment(grace)
    reply = await thread.comment(grace, parent_id=parent["id"])
    await ada.call("remove_comment", {}, id=reply["id"])
    await make_a_day_pass(world, reply)
    (item,) = (await thread.list_comments(grace))["items"]
    assert (item["reply_count"], item["replies"]["items"]) == (0, [])
    _, data = (await thread.events())[-1]
    assert data["parents"] == [{"id": parent["id"], "reply_count": 0}]
