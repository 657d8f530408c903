from __future__ import annotations

import asyncio

from cgraph.accounts.people.contacts.models import Contact
from tests.feature.world import Person, World


async def test_contacts_are_listed_in_pages_the_newest_first(world: World, ada: Person) -> None:
    people = await asyncio.gather(*(world.new_person("one") for _ in range(5)))
    for person in people:
        await ada.call("put_contact", user_id=person.id)

    for limit in (1, 2, 5, 100):
        names, query = [], f"state=requested&limit={limit}"
        while query:
            page = (await ada.call("list_contacts", query=query)).body
            names += [item["user"]["username"] for item in page["items"]]
            query = page["next"] and f"state=requested&limit={limit}&cursor={page['next']}"
        assert names == [person.username for person in reversed(people)]


async def test_a_listed_contact_is_what_the_model_describes(ada: Person, grace: Person) -> None:
    """Nothing validates the JSON that Postgres writes."""
    await ada.call("put_contact", user_id=grace.id)
    (item,) = (await grace.call("list_contacts", query="state=received")).body["items"]

    assert Contact.model_validate(item).model_dump(mode="json") == item


async def test_a_cursor_of_another_state_is_refused(ada: Person, grace: Person) -> None:
    other = await ada.world.new_person("other")
    for person in (grace, other):
        await ada.call("put_contact", user_id=person.id)
    page = (await ada.call("list_contacts", query="state=requested&limit=1")).body

    answer = await ada.call("list_contacts", query=f"state=received&cursor={page['next']}")

    assert answer.refusal == (400, "invalid_cursor")
