from __future__ import annotations

from tests.feature.moderated_forum import ModeratedForum, moderation_events, stream_events
from tests.feature.world import Person, World


async def test_a_restored_post_is_listed_again_and_its_author_is_notified_once(
    forum: ModeratedForum, world: World, grace: Person, eve: Person
) -> None:
    post = await forum.post(eve, title="A secret")
    assert (await grace.call("remove_post", id=post)).status == 200
    assert (await grace.call("restore_post", id=post)).status == 204
    assert (await grace.call("restore_post", id=post)).refusal == (409, "not_removed")
    assert await forum.listed(post) == (1, 1)
    assert (await stream_events(world, forum.id))[1][1]["post"]["title"] == "A secret"
    types = [type for type, _ in await moderation_events(eve)]
    assert types == ["moderation.removed", "moderation.restored"]
    assert [entry["action"] for entry in await forum.audit_log()] == ["remove_post", "restore_post"]


async def test_only_moderators_restore_posts(
    forum: ModeratedForum, world: World, grace: Person, eve: Person
) -> None:
    post = await forum.post(eve)
    comment = await forum.comment(eve, under=post)
    for person in (eve, await world.new_person()):
        answer = await person.call("restore_post", id=post)
        assert answer.refusal == (403, "not_allowed")
    missing = await grace.call("restore_post", id=comment)
    assert missing.refusal == (404, "post_not_found")
