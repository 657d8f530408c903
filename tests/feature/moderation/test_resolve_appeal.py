from __future__ import annotations

import asyncio

from tests.feature.moderated_forum import (
    ModeratedForum,
    make_appeal,
    moderation_events,
    resolve_appeal,
    start_forum,
)
from tests.feature.world import Person, World


async def test_an_accepted_appeal_lifts_the_ban(
    forum: ModeratedForum, ada: Person, grace: Person, eve: Person
) -> None:
    await forum.call(grace, "ban_user", {"reason": "spam"}, user_id=eve.id)
    appeal = (await make_appeal(eve, forum.id)).body
    refused = await resolve_appeal(grace, appeal, "accept")
    assert refused.refusal == (403, "own_case"), "grace imposed the ban, and ada can decide"
    resolved = await resolve_appeal(ada, appeal, "accept")
    assert (resolved.body["state"], resolved.body["note"]) == ("accepted", "So be it")
    assert (await forum.call(ada, "list_bans")).body["items"] == []
    types = [type for type, _ in await moderation_events(eve)]
    assert types == ["moderation.banned", "moderation.unbanned", "appeal.resolved"]
    actions = [entry["action"] for entry in await forum.audit_log()]
    assert actions == ["ban_user", "unban_user", "accept_appeal"]


async def test_an_accepted_appeal_restores_the_comment_and_a_rejected_one_nothing(
    forum: ModeratedForum, ada: Person, grace: Person, eve: Person
) -> None:
    post = await forum.post(eve)
    comment = await forum.comment(eve, under=post)
    await grace.call("remove_comment", {"reason": "rude"}, id=comment)
    await grace.call("remove_post", {"reason": "spam"}, id=post)
    first = (await make_appeal(eve, comment, kind="comment")).body
    second = (await make_appeal(eve, post, kind="post")).body

    assert (await resolve_appeal(ada, first, "accept")).body["target"]["removed_at"] is None
    assert (await resolve_appeal(ada, second, "reject")).body["target"]["removed_at"] is not None
    assert (await resolve_appeal(ada, second, "accept")).refusal == (409, "already_resolved")
    again = await make_appeal(eve, comment, kind="comment")
    assert again.refusal == (404, "nothing_to_appeal")


async def test_of_simultaneous_decisions_one_is_carried_out(
    forum: ModeratedForum, world: World, ada: Person, eve: Person
) -> None:
    other = await world.new_person()
    await forum.join(other, role="moderator")
    post = await forum.post(eve)
    await forum.moderator.call("remove_post", id=post)
    appeal = (await make_appeal(eve, post, kind="post")).body
    answers = await asyncio.gather(
        *(resolve_appeal(person, appeal, "accept", many=True) for person in (ada, other) * 2)
    )
    assert sorted(answer.status for answer in answers) == [200, 409, 409, 409]
    actions = [entry["action"] for entry in await forum.audit_log()]
    assert actions == ["remove_post", "restore_post", "accept_appeal"]


async def test_the_moderator_who_acted_decides_if_there_is_no_other(
    world: World, ada: Person, eve: Person
) -> None:
    alone = await start_forum(ada, await world.new_person(), eve)
    await world.sql("DELETE FROM forum_members WHERE user_id = %s", alone.moderator.id)
    await alone.call(ada, "ban_user", {}, user_id=eve.id)
    appeal = (await make_appeal(eve, alone.id)).body
    assert (await resolve_appeal(ada, appeal, "reject")).status == 200
    assert len((await alone.call(ada, "list_bans")).body["items"]) == 1


async def test_neither_the_author_of_an_appeal_nor_a_member_decides(
    forum: ModeratedForum, grace: Person, eve: Person
) -> None:
    post = await forum.post(grace)
    await forum.owner.call("remove_post", id=post)
    appeal = (await make_appeal(grace, post, kind="post")).body
    assert (await resolve_appeal(grace, appeal, "accept")).refusal == (403, "own_case")
    assert (await resolve_appeal(eve, appeal, "accept")).refusal == (403, "not_allowed")
