from __future__ import annotations

import json

from tests.feature.moderated_forum import ModeratedForum, stream_events
from tests.feature.world import Person, World


async def test_a_removed_comment_keeps_its_place_and_loses_its_text_in_events(
    forum: ModeratedForum, world: World, grace: Person, eve: Person
) -> None:
    post = await forum.post(grace)
    comment = await forum.comment(eve, under=post)
    await world.sql(
        """
        INSERT INTO events (stream_id, seq, type, payload, created_at)
        SELECT %s, 0, 'comment.created',
               jsonb_build_object('comment', comment_event_json(c)), now()
        FROM comments c WHERE id = %s
        """,
        post,
        comment,
    )
    answer = await grace.call("remove_comment", id=comment)
    assert answer.body["target"] == {"kind": "comment", "id": comment}
    logged = await stream_events(world, post)
    assert [type for type, _ in logged] == ["comment.created", "comment.updated"]
    assert "A word" not in json.dumps(logged), "the text leaves the log too"
    tree = (await grace.call("list_comments", id=post)).body
    assert [item["id"] for item in tree["items"]] == [comment]
    assert await stream_events(world, forum.id) == []


async def test_only_comments_that_are_not_deleted_are_removed(
    forum: ModeratedForum, world: World, grace: Person, eve: Person
) -> None:
    post = await forum.post(eve)
    comment = await forum.comment(eve, under=post)
    missing = await grace.call("remove_comment", id=post)
    assert missing.refusal == (404, "comment_not_found")
    refused = await eve.call("remove_comment", id=comment)
    assert refused.refusal == (403, "not_allowed")
    await world.sql("UPDATE comments SET deleted_at = now() WHERE id = %s", comment)
    gone = await grace.call("remove_comment", id=comment)
    assert gone.refusal == (409, "comment_deleted")
