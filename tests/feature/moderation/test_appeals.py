from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

from cgraph.moderation.appeals.models import Appeal
from tests.feature.moderation.ground import Ground, forum, told
from tests.feature.world import Answer, Person, World


async def appeal(
    person: Person,
    id: object,
    *,
    kind: str = "forum",
    content: object = "Please",
    many: bool = False,
) -> Answer:
    body = {"against": {"kind": kind, "id": str(id)}, "content": content}
    return await person.call("make_appeal", body, many=many)


async def resolve(person: Person, made: Any, decision: str, *, many: bool = False) -> Answer:
    body = {"decision": decision, "note": "So be it"}
    return await person.call("resolve_appeal", body, id=made["id"], many=many)


async def test_against_a_ban_once(
    ground: Ground, world: World, ada: Person, grace: Person, eve: Person
) -> None:
    await ground.call(grace, "ban_user", {"reason": "spam"}, user_id=eve.id)
    answers = await asyncio.gather(*(appeal(eve, ground.id, many=True) for _ in range(4)))
    assert sorted(answer.status for answer in answers) == [200, 200, 200, 201]
    made = answers[0].body
    assert Appeal.model_validate(made).model_dump(mode="json") == made
    assert made["against"] == {"kind": "forum", "id": str(ground.id)}
    assert (made["reason"], made["state"]) == ("spam", "open")
    again = await appeal(eve, ground.id, content="Please!")
    assert again.refusal == (409, "already_appealed")
    assert (await ground.call(ada, "list_appeals")).body == {"items": [made], "next": None}

    refused = await resolve(grace, made, "accept")
    assert refused.refusal == (403, "not_allowed"), "grace had banned them, and there is ada"
    done = await resolve(ada, made, "accept")
    assert (done.body["state"], done.body["note"]) == ("accepted", "So be it")
    assert (await ground.call(ada, "list_bans")).body["items"] == []
    types = [type for type, _ in await told(world, eve)]
    assert types == ["moderation.banned", "moderation.unbanned", "appeal.resolved"]
    actions = [entry["action"] for entry in await ground.audited()]
    assert actions == ["ban_user", "unban_user", "accept_appeal"]
    listed = await ground.call(ada, "list_appeals", query="state=accepted")
    assert listed.body["items"] == [done.body]


async def test_against_removals(ground: Ground, ada: Person, grace: Person, eve: Person) -> None:
    post = await ground.post(eve)
    comment = await ground.comment(eve, under=post)
    await grace.call("remove_comment", {"reason": "rude"}, id=comment)
    await grace.call("remove_post", {"reason": "spam"}, id=post)
    first = (await appeal(eve, comment, kind="comment")).body
    second = (await appeal(eve, post, kind="post")).body
    assert (first["thing"]["id"], first["reason"]) == (comment, "rude")
    page = (await ground.call(ada, "list_appeals", query="limit=1")).body
    rest = await ground.call(ada, "list_appeals", query=f"limit=1&cursor={page['next']}")
    assert page["items"] + rest.body["items"] == [first, second]

    assert (await resolve(ada, first, "accept")).body["thing"]["removed_at"] is None
    assert (await resolve(ada, second, "reject")).body["thing"]["removed_at"] is not None
    assert (await resolve(ada, second, "accept")).refusal == (409, "already_resolved")
    assert (await appeal(eve, comment, kind="comment")).refusal == (404, "nothing_to_appeal")


async def test_decided_once(ground: Ground, world: World, ada: Person, eve: Person) -> None:
    other = await world.new_person()
    await ground.join(other, role="moderator")
    post = await ground.post(eve)
    await ground.moderator.call("remove_post", id=post)
    made = (await appeal(eve, post, kind="post")).body
    answers = await asyncio.gather(
        *(resolve(person, made, "accept", many=True) for person in (ada, other) * 2)
    )
    assert sorted(answer.status for answer in answers) == [200, 409, 409, 409]
    actions = [entry["action"] for entry in await ground.audited()]
    assert actions == ["remove_post", "restore_post", "accept_appeal"]


async def test_by_whoever_acted_where_nobody_else_is(
    world: World, ada: Person, eve: Person
) -> None:
    alone = await forum(world, ada, await world.new_person(), eve)
    await world.sql("DELETE FROM forum_members WHERE user_id = %s", alone.moderator.id)
    await alone.call(ada, "ban_user", {}, user_id=eve.id)
    made = (await appeal(eve, alone.id)).body
    assert (await resolve(ada, made, "reject")).status == 200
    assert len((await alone.call(ada, "list_bans")).body["items"]) == 1
    await alone.call(ada, "ban_user", {}, user_id=eve.id)
    assert (await appeal(eve, alone.id)).status == 201, "another ban"


async def test_from_outside_a_private_forum(
    world: World, ada: Person, grace: Person, eve: Person
) -> None:
    hidden = await forum(world, ada, grace, eve, visibility="private")
    await hidden.call(grace, "ban_user", {}, user_id=eve.id)
    made = await appeal(eve, hidden.id)
    assert made.status == 201
    assert (await resolve(eve, made.body, "accept")).refusal == (404, "appeal_not_found")
    assert (await hidden.call(eve, "list_appeals")).refusal == (404, "forum_not_found")


async def test_nothing_to_appeal(ground: Ground, world: World, grace: Person, eve: Person) -> None:
    await ground.call(grace, "ban_user", {"shadow": True}, user_id=eve.id)
    post = await ground.post(grace)
    await ground.owner.call("remove_post", id=post)
    for kind, id in (("forum", ground.id), ("post", post), ("comment", uuid4())):
        refused = await appeal(eve, id, kind=kind)
        assert refused.refusal == (404, "nothing_to_appeal")
    for content in ("", "x" * 4001, "a\0b", 7):
        assert (await appeal(eve, post, content=content)).refusal == (422, "validation_failed")
    assert (await appeal(eve, post, kind="ban")).refusal == (422, "validation_failed")
    mine = (await appeal(grace, post, kind="post")).body
    assert (await resolve(grace, mine, "accept")).refusal == (403, "not_allowed"), "their own"
    assert (await resolve(eve, mine, "accept")).refusal == (403, "not_allowed")
