"""Requests to become a member."""

from __future__ import annotations

from typing import Any

from cgraph.forums.members.requests.models import MembershipRequest
from tests.feature.forum import Forum, new_forum, user_events
from tests.feature.world import Answer, Person


async def new_asked_forum(owner: Person, *, visibility: str = "private") -> Forum:
    """A forum that accepts requests."""
    return await new_forum(owner, visibility=visibility, join_requests=True)


async def ask(person: Person, forum: Forum, **draft: Any) -> Answer:
    answer = await forum.call(person, "request_membership", draft)
    if answer.status == 200:
        parsed = MembershipRequest.model_validate(answer.body).model_dump(mode="json")
        assert parsed == answer.body
    return answer


async def resolve(person: Person, forum: Forum, user: Person, decision: str) -> Answer:
    body = {"decision": decision, "note": "So be it"}
    return await forum.call(person, "resolve_membership_request", body, user_id=user.id)


async def listed(person: Person, forum: Forum) -> list[Any]:
    answer = await forum.call(person, "list_membership_requests")
    assert answer.status == 200, answer
    return list(answer.body["items"])


async def request_events(person: Person, forum: Forum) -> list[tuple[str, str]]:
    """Type, and state of the request, of each event about requests in the forum."""
    return [
        (type, data["request"]["state"])
        for type, data in await user_events(person)
        if type.startswith("request.") and data["request"]["forum"]["id"] == forum.id
    ]


async def let_pass(forum: Forum, days: int) -> None:
    """As if the decisions about requests had been made that much earlier."""
    await forum.world.sql(
        "UPDATE membership_requests SET decided_at = decided_at - make_interval(days => %s)"
        " WHERE forum_id = %s",
        *(days, forum.id),
    )
