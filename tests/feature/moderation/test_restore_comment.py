from __future__ import annotations

from tests.feature.moderated_forum import ModeratedForum, stream_events
from tests.feature.world import Person, World


async def test_a_restored_comment_has_its_text_in_events_again(
    forum: ModeratedForum, world: World, grace: Person, eve: Person
) -> None:
    post = await forum.post(grace)
    comment = await forum.comment(eve, under=post)
    assert (await grace.call("remove_comment", id=comment)).status == 200
    assert (await grace.call("restore_comment", id=comment)).status == 204
    assert (await stream_events(world, post))[-1][1]["comment"]["body"] == "A word"


async def test_only_moderators_restore_comments(
    forum: ModeratedForum, grace: Person, eve: Person
) -> None:
    post = await forum.post(grace)
    comment = await forum.comment(eve, under=post)
    refused = await eve.call("restore_comment", id=comment)
    assert refused.refusal == (403, "not_allowed")
    missing = await grace.call("restore_comment", id=post)
    assert missing.refusal == (404, "comment_not_found")
