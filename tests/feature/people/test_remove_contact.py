from __future__ import annotations

from tests.feature.people.test_put_contact import states
from tests.feature.world import Person


async def test_a_request_can_be_withdrawn(ada: Person, grace: Person) -> None:
    await ada.call("put_contact", user_id=grace.id)

    assert (await ada.call("remove_contact", user_id=grace.id)).status == 204
    assert (await states(ada, grace), await states(grace, ada)) == ([None], [None])


async def test_either_of_two_contacts_ends_it(ada: Person, grace: Person) -> None:
    await ada.call("put_contact", user_id=grace.id)
    await grace.call("put_contact", user_id=ada.id)
    await grace.call("remove_contact", user_id=ada.id)

    assert (await states(ada, grace), await states(grace, ada)) == ([None], [None])


async def test_what_is_no_contact_is_removed_without_an_event(ada: Person, grace: Person) -> None:
    assert (await ada.call("remove_contact", user_id=grace.id)).status == 204
    caught_up = await ada.call("sync_streams", {"cursors": {f"user:{ada.id}": 0}})
    events = caught_up.body["streams"][f"user:{ada.id}"]["events"]
    assert "contact.changed" not in {event["event"] for event in events}


async def test_an_unknown_user_is_not_found(ada: Person) -> None:
    unknown = "00000000-0000-7000-8000-000000000000"

    assert (await ada.call("remove_contact", user_id=unknown)).refusal == (404, "user_not_found")
