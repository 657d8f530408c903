"""Events carry the text of a post or comment as it is now."""

from __future__ import annotations

from typing import Any

from tests.feature.forum import new_forum, new_thread, post_events
from tests.feature.world import Person

SECRET = "edited-away"


async def test_a_member_who_catches_up_gets_no_text_of_a_post_that_was_edited_away(
    ada: Person, grace: Person
) -> None:
    forum = await new_forum(ada, grace)
    post = await forum.post(grace, title=SECRET, body=SECRET, tags=[SECRET])
    await ada.call("pin_post", id=post["id"])
    edit: dict[str, Any] = {"title": "Now", "body": "So.", "tags": ["a"]}
    await forum.edit_post(grace, post, **edit)
    cursors = {"cursors": {f"forum:{forum.id}": 0, f"post:{post['id']}": 0}}
    assert SECRET not in str((await ada.call("sync_streams", cursors)).body)
    for type, data in await forum.post_events():
        assert {**data["post"], **edit, "version": 2} == data["post"], type
    assert [type for type, _ in await forum.post_events()] == [
        "post.created",
        "post.updated",
        "post.updated",
    ]


async def test_an_edit_of_a_moved_post_shows_nothing_to_those_who_can_no_longer_read_it(
    ada: Person, grace: Person
) -> None:
    public, private = await new_forum(ada, grace), await new_forum(ada, grace, visibility="private")
    post = await public.post(grace, title="One")
    await ada.call("move_post", {"forum": private.slug}, id=post["id"])
    await public.edit_post(grace, post, title="Private now")
    assert "Private now" not in str(await public.post_events())
    assert "Private now" in str(await private.post_events())


async def test_of_a_text_that_is_edited_often_no_old_version_is_in_the_log(
    ada: Person,
) -> None:
    forum = await new_forum(ada)
    post = await forum.post(ada, title="Version 1")
    for number in range(2, 15):
        post = (await forum.edit_post(ada, post, title=f"Version {number}")).body
    titles = [data["post"]["title"] for _, data in await forum.post_events()]
    assert titles == ["Version 14", *[""] * 2, *["Version 14"] * 11]


async def test_a_member_who_catches_up_gets_no_text_of_a_comment_that_was_edited_away(
    ada: Person, grace: Person
) -> None:
    thread = await new_thread(ada)
    comment = await thread.comment(grace, SECRET)
    edit = {"body": "So.", "version": 1}
    assert (await grace.call("edit_comment", edit, id=comment["id"])).status == 200
    synced = await ada.call("sync_streams", {"cursors": {f"post:{thread.post}": 0}})
    assert SECRET not in str(synced.body)
    events = [data["comment"] for _, data in await post_events(ada.world, {"id": thread.post})]
    assert [(each["body"], each["version"]) for each in events] == [("So.", 2)] * 2


async def test_a_restored_post_keeps_nothing_that_was_edited_away_while_it_was_removed(
    ada: Person, grace: Person
) -> None:
    forum = await new_forum(ada, grace)
    post = await forum.post(grace, title=SECRET)
    await forum.edit_post(grace, post, title="Now")
    await ada.call("remove_post", id=post["id"])
    await ada.call("restore_post", id=post["id"])
    assert SECRET not in str(await forum.events())
