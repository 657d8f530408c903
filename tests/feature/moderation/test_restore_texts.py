from __future__ import annotations

from typing import Any

from tests.feature.moderated_forum import ModeratedForum, moderation_events, stream_events
from tests.feature.world import Person, World


async def test_what_was_written_and_voted_under_a_shadow_ban_counts_when_it_is_lifted(
    forum: ModeratedForum, world: World, grace: Person, eve: Person
) -> None:
    author = await world.new_person()
    other = await forum.post(author)
    there = await forum.comment(author, under=other)
    poll = {"title": "A poll", "kind": "poll", "poll": {"options": ["a", "b"]}}
    poll = (await forum.call(grace, "create_post", poll)).body
    await forum.call(grace, "ban_user", {"shadow": True}, user_id=eve.id)
    post = (await forum.call(eve, "create_post", {"title": "Mine"})).body["id"]
    comment = (await eve.call("create_comment", {"body": "So!"}, id=other)).body["id"]
    await eve.call("vote_on_post", {"value": 1}, id=other)
    await eve.call("vote_on_comment", {"value": 1}, id=there)
    await eve.call("choose_in_poll", {"choices": [1]}, id=poll["id"])
    assert await karma(world, author) == 0

    answer = await forum.call(grace, "unban_user", user_id=eve.id, query="restore=true")
    assert answer.body == {"restored": 2, "votes": 3, "more": False}
    stranger = await world.new_person()
    assert (await stranger.call("show_post", id=post)).status == 200
    assert (await stranger.call("show_comment", id=comment)).body["body"] == "So!"
    shown = (await stranger.call("show_post", id=other)).body
    assert (shown["score"], shown["ups"], shown["comment_count"]) == (1, 1, 2)
    assert (await stranger.call("show_comment", id=there)).body["score"] == 1
    chosen = (await stranger.call("show_post", id=poll["id"])).body["poll"]
    assert (chosen["voters"], [each["votes"] for each in chosen["options"]]) == (1, [0, 1])
    assert await karma(world, author) == 2
    assert "post.created" in [type for type, _ in await stream_events(world, forum.id)]
    assert [type for type, _ in await stream_events(world, other)] == ["comment.created"]
    assert await moderation_events(eve) == []
    await eve.call("vote_on_post", {"value": 0}, id=other)
    assert await karma(world, author) == 1


async def test_a_shadow_ban_that_is_lifted_without_restoring_or_replaced_can_be_restored_later(
    forum: ModeratedForum, grace: Person, eve: Person
) -> None:
    await forum.call(grace, "ban_user", {"shadow": True}, user_id=eve.id)
    post = (await forum.call(eve, "create_post", {"title": "Mine"})).body["id"]
    refused = await forum.call(grace, "restore_texts", user_id=eve.id)
    assert refused.refusal == (409, "still_banned")
    banned = await forum.call(grace, "ban_user", {"remove": "all"}, user_id=eve.id)
    assert banned.body["removal"]["removed"] == 1
    for restored in (0, 0):
        answer = await forum.call(grace, "restore_texts", user_id=eve.id)
        assert answer.body["restored"] == restored, "removed with the ban that is in force"
    await forum.call(grace, "unban_user", user_id=eve.id)
    for restored in (1, 1, 0):
        answer = await forum.call(grace, "restore_texts", user_id=eve.id)
        assert answer.body["restored"] == restored
    shown = (await grace.call("show_post", id=post)).body
    assert (shown["withheld"], shown["removed_at"]) == (None, None)


async def test_only_moderators_restore_what_others_wrote(
    forum: ModeratedForum, ada: Person, grace: Person, eve: Person
) -> None:
    for caller, person, code in (
        (eve, grace, "not_allowed"),
        (grace, ada, "higher_rank"),
        (grace, grace, "own_case"),
    ):
        refused = await forum.call(caller, "restore_texts", user_id=person.id)
        assert refused.refusal == (403, code)


async def karma(world: World, person: Person) -> Any:
    rows = await world.sql("SELECT karma FROM user_karma WHERE user_id = %s", person.id)
    return rows[0][0] if rows else 0
