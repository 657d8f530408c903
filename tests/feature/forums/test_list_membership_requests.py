from __future__ import annotations

from tests.feature.forums.requests import ask, new_asked_forum
from tests.feature.world import Person, World


async def test_moderators_list_open_requests_the_oldest_first(
    world: World, ada: Person, grace: Person, eve: Person
) -> None:
    forum = await new_asked_forum(ada)
    people = [grace, eve, await world.new_person()]
    for person in people:
        await ask(person, forum)
    page = await forum.call(ada, "list_membership_requests", query="limit=2")
    rest = await forum.call(ada, "list_membership_requests", query=f"cursor={page.body['next']}")
    items = [*page.body["items"], *rest.body["items"]]
    assert [item["user"]["id"] for item in items] == [person.id for person in people]
    assert rest.body["next"] is None
    await forum.insert_member(eve)
    refused = await forum.call(eve, "list_membership_requests")
    assert refused.refusal == (403, "not_allowed")
    hidden = await forum.call(grace, "list_membership_requests")
    assert hidden.refusal == (404, "forum_not_found")
