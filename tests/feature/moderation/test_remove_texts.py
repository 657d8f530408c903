from __future__ import annotations

import pytest

from tests.feature.moderated_forum import ModeratedForum, moderation_events
from tests.feature.world import Person, World


@pytest.mark.parametrize(("written", "left"), [("day", 2), ("week", 1), ("all", 0)])
async def test_a_ban_removes_what_the_user_wrote_within_a_time(
    forum: ModeratedForum, world: World, grace: Person, eve: Person, written: str, left: int
) -> None:
    posts = [await forum.post(eve) for _ in range(3)]
    comment = await forum.comment(eve, under=posts[2])
    others = await forum.post(grace)
    for post, days in ((posts[0], 30), (posts[1], 3)):
        await world.sql(
            "UPDATE posts SET created_at = now() - make_interval(days => %s) WHERE id = %s",
            days,
            post,
        )
    draft = {"remove": written, "reason": "spam"}
    banned = await forum.call(grace, "ban_user", draft, user_id=eve.id)
    assert banned.body["removal"] == {"removed": 4 - left, "more": False}
    assert (await forum.listed(others))[0] == left + 1
    shown = await grace.call("show_comment", id=comment)
    assert shown.body["removal_reason"] == "spam"
    assert [type for type, _ in await moderation_events(eve)] == ["moderation.banned"]
    actions = [entry["action"] for entry in await forum.audit_log()]
    assert sorted(set(actions)) == ["ban_user", "remove_comment", "remove_post"]
    assert await forum.audit_faults() == []


async def test_one_call_removes_thirty_and_the_next_goes_on_until_nothing_is_left(
    forum: ModeratedForum, grace: Person, eve: Person
) -> None:
    posts = [await forum.post(eve) for _ in range(32)]
    banned = await forum.call(grace, "ban_user", {"remove": "all"}, user_id=eve.id)
    assert banned.body["removal"] == {"removed": 30, "more": True}
    draft = {"written": "all"}
    for removed in (2, 0):
        answer = await forum.call(grace, "remove_texts", draft, user_id=eve.id)
        assert answer.body == {"removed": removed, "more": False}
    assert await forum.listed(posts[0]) == (0, 0)

    restored = await forum.call(grace, "unban_user", user_id=eve.id, query="restore=true")
    assert restored.body == {"restored": 30, "votes": 0, "more": True}
    restored = await forum.call(grace, "restore_texts", user_id=eve.id)
    assert restored.body == {"restored": 2, "votes": 0, "more": False}
    assert await forum.listed(posts[0]) == (32, 1)
    types = [type for type, _ in await moderation_events(eve)]
    assert types == ["moderation.banned", "moderation.unbanned"]


async def test_only_of_banned_users_of_a_lower_rank_everything_is_removed(
    forum: ModeratedForum, ada: Person, grace: Person, eve: Person
) -> None:
    draft = {"written": "all"}
    for person, refusal in (
        (eve, (409, "not_banned")),
        (ada, (403, "higher_rank")),
        (grace, (403, "own_case")),
    ):
        refused = await forum.call(grace, "remove_texts", draft, user_id=person.id)
        assert refused.refusal == refusal
    await forum.call(grace, "ban_user", {"shadow": True}, user_id=eve.id)
    refused = await forum.call(grace, "remove_texts", draft, user_id=eve.id)
    assert refused.refusal == (409, "not_banned")
    refused = await forum.call(eve, "remove_texts", draft, user_id=grace.id)
    assert refused.refusal == (403, "not_allowed")
