from __future__ import annotations

from tests.feature.moderated_forum import ModeratedForum, moderation_events
from tests.feature.world import Person


async def test_after_unbanning_the_user_can_post_and_is_notified_once(
    forum: ModeratedForum, grace: Person, eve: Person
) -> None:
    await forum.call(grace, "ban_user", {"days": 3}, user_id=eve.id)
    assert (await forum.call(grace, "unban_user", user_id=eve.id)).status == 200
    again = await forum.call(grace, "unban_user", user_id=eve.id)
    assert again.refusal == (409, "not_banned")
    assert (await eve.call("create_post", {"title": "Hello"}, slug=forum.slug)).status == 201
    types = [type for type, _ in await moderation_events(eve)]
    assert types == ["moderation.banned", "moderation.unbanned"]
    assert [entry["action"] for entry in await forum.audit_log()] == ["ban_user", "unban_user"]


async def test_only_the_owner_unbans_a_moderator(
    forum: ModeratedForum, ada: Person, grace: Person, eve: Person
) -> None:
    other = await forum.world.new_person()
    await forum.join(other, role="moderator")
    assert (await forum.call(ada, "ban_user", {}, user_id=other.id)).status == 200
    for person, code in ((grace, "higher_rank"), (eve, "not_allowed"), (other, "not_allowed")):
        refused = await forum.call(person, "unban_user", user_id=other.id)
        assert refused.refusal == (403, code)
    assert len(await forum.audit_log()) == 1
