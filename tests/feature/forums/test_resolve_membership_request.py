from __future__ import annotations

import asyncio

from tests.feature.forum import user_events
from tests.feature.forums.requests import ask, new_asked_forum, request_events, resolve
from tests.feature.world import Person


async def test_an_accepted_user_becomes_a_member_once(
    ada: Person, grace: Person, eve: Person
) -> None:
    forum = await new_asked_forum(ada)
    await forum.insert_member(grace, role="moderator")
    await ask(eve, forum)
    body = {"decision": "accept"}
    answers = await asyncio.gather(
        *(
            forum.call(person, "resolve_membership_request", body, user_id=eve.id, many=True)
            for person in (ada, grace) * 2
        )
    )
    assert sorted(answer.status for answer in answers) == [200, 404, 404, 404]
    assert (await forum.show(eve))["role"] == "member"
    types = [type for type, _ in await user_events(eve)]
    assert types[-3:] == ["request.created", "forum.joined", "request.resolved"]
    for person in (ada, grace, eve):
        assert (await request_events(person, forum))[-1] == ("request.resolved", "accepted")
    assert [type for type, _ in await forum.events()] == ["membership.added"]
    (entry,) = await forum.audit_log()
    assert (entry["action"], entry["target"]["id"]) == ("accept_membership_request", eve.id)
    assert await forum.audit_faults() == []


async def test_a_refused_user_gets_the_note_and_stays_outside(ada: Person, eve: Person) -> None:
    forum = await new_asked_forum(ada)
    await ask(eve, forum)
    refused = await resolve(ada, forum, eve, "refuse")
    assert (refused.body["state"], refused.body["note"]) == ("refused", "So be it")
    assert (await user_events(eve))[-1] == ("request.resolved", {"request": refused.body})
    assert (await forum.call(eve, "show_forum")).refusal == (404, "forum_not_found")
    again = await resolve(ada, forum, eve, "accept")
    assert again.refusal == (404, "membership_request_not_found")


async def test_a_user_who_was_banned_meanwhile_is_not_accepted(
    ada: Person, grace: Person, eve: Person
) -> None:
    forum = await new_asked_forum(ada)
    await ask(eve, forum)
    await forum.ban(eve)
    assert (await resolve(ada, forum, eve, "accept")).refusal == (403, "not_allowed")
    assert (await resolve(ada, forum, eve, "refuse")).status == 200
    await forum.insert_member(grace)
    assert (await resolve(grace, forum, eve, "accept")).refusal == (403, "not_allowed")
