from __future__ import annotations

from tests.feature.moderated_forum import ModeratedForum, moderation_events, stream_events
from tests.feature.moderation.held import held_comment
from tests.feature.world import Person, World


async def test_an_approved_comment_is_counted_and_published(
    forum: ModeratedForum, world: World, grace: Person, eve: Person
) -> None:
    post = await forum.post(eve)
    comment = (await held_comment(forum, eve, under=post))["id"]
    stranger = await world.new_person()
    hidden = await stranger.call("show_comment", id=comment)
    assert hidden.refusal == (404, "comment_not_found")
    assert (await stranger.call("show_post", id=post)).body["comment_count"] == 0
    assert await stream_events(world, post) == []

    assert (await grace.call("approve_comment", id=comment)).status == 204
    assert (await stranger.call("show_comment", id=comment)).body["withheld"] is None
    assert (await stranger.call("show_post", id=post)).body["comment_count"] == 1
    ((type, data),) = await stream_events(world, post)
    assert (type, data["comment"]["id"]) == ("comment.created", comment)
    assert data["post"]["comment_count"] == 1
    assert [type for type, _ in await moderation_events(eve)] == ["moderation.approved"]
    again = await grace.call("approve_comment", id=comment)
    assert again.refusal == (409, "not_withheld")
    assert (await eve.call("approve_comment", id=comment)).refusal == (403, "not_allowed")
