from __future__ import annotations

import asyncio
from uuid import uuid4

from cgraph.moderation.appeals.models import Appeal
from tests.feature.moderated_forum import (
    ModeratedForum,
    make_appeal,
    resolve_appeal,
    start_forum,
)
from tests.feature.world import Person


async def test_a_ban_is_appealed_against_once(
    forum: ModeratedForum, ada: Person, grace: Person, eve: Person
) -> None:
    await forum.call(grace, "ban_user", {"reason": "spam"}, user_id=eve.id)
    answers = await asyncio.gather(*(make_appeal(eve, forum.id, many=True) for _ in range(4)))
    assert sorted(answer.status for answer in answers) == [200, 200, 200, 201]
    appeal = answers[0].body
    assert Appeal.model_validate(appeal).model_dump(mode="json") == appeal
    assert appeal["against"] == {"kind": "forum", "id": str(forum.id)}
    assert (appeal["reason"], appeal["state"]) == ("spam", "open")
    again = await make_appeal(eve, forum.id, content="Please!")
    assert again.refusal == (409, "already_appealed")
    assert (await forum.call(ada, "list_appeals")).body == {"items": [appeal], "next": None}


async def test_a_new_ban_can_be_appealed_against_again(
    forum: ModeratedForum, ada: Person, grace: Person, eve: Person
) -> None:
    await forum.call(grace, "ban_user", {}, user_id=eve.id)
    appeal = (await make_appeal(eve, forum.id)).body
    assert (await resolve_appeal(ada, appeal, "reject")).status == 200
    assert len((await forum.call(ada, "list_bans")).body["items"]) == 1
    await forum.call(ada, "ban_user", {}, user_id=eve.id)
    assert (await make_appeal(eve, forum.id)).status == 201


async def test_a_user_banned_from_a_private_forum_can_appeal_and_see_nothing_more(
    ada: Person, grace: Person, eve: Person
) -> None:
    hidden = await start_forum(ada, grace, eve, visibility="private")
    await hidden.call(grace, "ban_user", {}, user_id=eve.id)
    made = await make_appeal(eve, hidden.id)
    assert made.status == 201
    refused = await resolve_appeal(eve, made.body, "accept")
    assert refused.refusal == (404, "appeal_not_found")
    assert (await hidden.call(eve, "list_appeals")).refusal == (404, "forum_not_found")


async def test_only_bans_and_removals_that_the_user_knows_of_can_be_appealed_against(
    forum: ModeratedForum, grace: Person, eve: Person
) -> None:
    await forum.call(grace, "ban_user", {"shadow": True}, user_id=eve.id)
    post = await forum.post(grace)
    await forum.owner.call("remove_post", id=post)
    for kind, id in (("forum", forum.id), ("post", post), ("comment", uuid4())):
        refused = await make_appeal(eve, id, kind=kind)
        assert refused.refusal == (404, "nothing_to_appeal")


async def test_an_invalid_appeal_is_refused(forum: ModeratedForum, eve: Person) -> None:
    for content in ("", "x" * 4001, "a\0b", 7):
        refused = await make_appeal(eve, forum.id, content=content)
        assert refused.refusal == (422, "validation_failed")
    refused = await make_appeal(eve, forum.id, kind="ban")
    assert refused.refusal == (422, "validation_failed")
