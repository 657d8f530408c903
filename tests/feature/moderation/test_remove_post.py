from __future__ import annotations

from typing import Any

from cgraph.moderation.removals.models import Removal
from tests.feature.moderated_forum import ModeratedForum, moderation_events, stream_events
from tests.feature.world import Person, World


async def test_a_removed_post_leaves_the_forum_and_its_author_is_notified(
    forum: ModeratedForum, world: World, grace: Person, eve: Person
) -> None:
    post = await forum.post(eve, title="A secret")
    socket = await eve.open_socket()
    await socket.say("hello")
    removed = await grace.call("remove_post", {"reason": "off topic"}, id=post)
    assert removed.status == 200
    assert Removal.model_validate(removed.body).model_dump(mode="json") == removed.body
    again = await grace.call("remove_post", {"reason": "off topic"}, id=post)
    assert again.body == removed.body
    other = await grace.call("remove_post", {"reason": "spam"}, id=post)
    assert other.refusal == (409, "already_removed")
    assert await forum.listed(post) == (0, 0)
    for stream in (forum.id, post):
        ((type, data),) = await stream_events(world, stream)
        assert type == "post.removed"
        assert (data["post"]["removed_at"], data["post"]["title"]) == (
            removed.body["removed_at"],
            "",
        )
    (frame,) = socket.received()
    assert (frame["event"], frame["data"]["reason"]) == ("moderation.removed", "off topic")
    assert [type for type, _ in await moderation_events(eve)] == ["moderation.removed"]
    assert [entry["action"] for entry in await forum.audit_log()] == ["remove_post"]


async def test_removing_a_withheld_post_creates_no_event_for_readers(
    forum: ModeratedForum, world: World, grace: Person, eve: Person
) -> None:
    post = await forum.post(eve, withheld="shadow_ban")
    assert (await grace.call("remove_post", id=post)).status == 200
    assert (await grace.call("restore_post", id=post)).status == 204
    assert await stream_events(world, post) == await stream_events(world, forum.id) == []
    assert await forum.listed(post) == (0, 1)


async def test_a_removal_resolves_the_open_case(
    forum: ModeratedForum, grace: Person, case: Any
) -> None:
    await grace.call("remove_post", {"reason": "no"}, id=case["target"]["id"])
    (resolved,) = await forum.cases(state="resolved")
    assert (resolved["action"], resolved["resolved_by"]["id"]) == ("remove", grace.id)


async def test_only_moderators_remove_posts_that_are_not_deleted(
    forum: ModeratedForum, world: World, grace: Person, eve: Person
) -> None:
    post = await forum.post(eve)
    comment = await forum.comment(eve, under=post)
    for person in (eve, await world.new_person()):
        answer = await person.call("remove_post", id=post)
        assert answer.refusal == (403, "not_allowed")
    missing = await grace.call("remove_post", id=comment)
    assert missing.refusal == (404, "post_not_found")
    await world.sql("UPDATE posts SET deleted_at = now() WHERE id = %s", post)
    assert (await grace.call("remove_post", id=post)).refusal == (409, "post_deleted")
    for bad in ({"reason": "x" * 1001}, {"reason": 1}):
        answer = await grace.call("remove_post", bad, id=post)
        assert answer.refusal == (422, "validation_failed")
