from __future__ import annotations

from tests.feature.forum import new_forum
from tests.feature.forums.requests import ask, let_pass, listed, new_asked_forum, request_events
from tests.feature.world import Person


async def test_a_withdrawn_request_is_gone_and_the_user_may_ask_again_after_a_day(
    ada: Person, eve: Person
) -> None:
    forum = await new_asked_forum(ada)
    await ask(eve, forum)
    assert (await forum.call(eve, "withdraw_membership_request")).status == 204
    again = await forum.call(eve, "withdraw_membership_request")
    assert again.refusal == (409, "not_requested")
    assert await listed(ada, forum) == []
    for person in (ada, eve):
        assert await request_events(person, forum) == [
            ("request.created", "open"),
            ("request.withdrawn", "withdrawn"),
        ]
    assert (await ask(eve, forum)).refusal == (409, "requested_recently")
    await let_pass(forum, 1)
    assert (await ask(eve, forum)).status == 200


async def test_a_private_forum_that_accepts_no_requests_does_not_exist(
    ada: Person, eve: Person
) -> None:
    forum = await new_forum(ada, visibility="private")
    refused = await forum.call(eve, "withdraw_membership_request")
    assert refused.refusal == (404, "forum_not_found")
    refused = await forum.call(ada, "withdraw_membership_request")
    assert refused.refusal == (409, "not_requested")
