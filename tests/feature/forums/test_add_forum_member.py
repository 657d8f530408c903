from __future__ import annotations

from uuid import uuid4

import pytest

from cgraph.forums.members.models import ForumMember
from tests.feature.forum import new_forum, user_events
from tests.feature.world import Person

NOT_ALLOWED = (403, "not_allowed")


async def test_only_moderators_add_members(ada: Person, grace: Person, eve: Person) -> None:
    forum = await new_forum(ada, visibility="private")
    added = await forum.add(ada, grace)
    member = added.body
    assert (added.status, member["id"], member["role"]) == (200, grace.id, "member")
    assert ForumMember.model_validate(member).model_dump(mode="json") == member
    assert (await forum.add(ada, grace)).body == member
    assert await forum.events() == [("membership.added", {"member": member})]
    ((kind, data),) = await user_events(grace)
    assert (kind, data["forum"]["id"], data["forum"]["role"]) == (
        "forum.joined",
        forum.id,
        "member",
    )

    assert (await forum.add(grace, eve)).refusal == NOT_ALLOWED
    assert (await forum.add(eve, eve)).refusal == (404, "forum_not_found")
    assert (await forum.add(ada, uuid4())).refusal == (404, "user_not_found")
    assert (await forum.add(ada, "eve")).refusal == (422, "validation_failed")


@pytest.mark.parametrize("blocker", ["caller", "user"])
async def test_users_with_a_block_to_the_caller_or_a_ban_are_not_added(
    ada: Person, grace: Person, eve: Person, blocker: str
) -> None:
    forum = await new_forum(ada)
    one, other = (ada, grace) if blocker == "caller" else (grace, ada)
    await one.call("block_user", user_id=other.id)
    assert (await forum.add(ada, grace)).refusal == (403, "blocked")
    assert (await forum.appoint(ada, grace)).refusal == (403, "blocked")
    await forum.ban(eve)
    assert (await forum.add(ada, eve)).refusal == NOT_ALLOWED
    assert (await forum.appoint(ada, eve)).refusal == NOT_ALLOWED
    assert await forum.roles(ada) == {"ada": "owner"}
