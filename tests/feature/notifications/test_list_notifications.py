"""What a user is notified of."""

from __future__ import annotations

from tests.feature.notifications.inbox import kinds, notifications
from tests.feature.world import Person, World


async def test_a_mention_in_a_group_notifies_who_is_named(
    world: World, ada: Person, grace: Person, eve: Person
) -> None:
    group = await ada.converse(grace, eve, kind="group")
    await kinds(grace)
    await grace.call("read_notifications", {"about": group})
    message = await ada.send(group, f"Ask @{grace.username}")
    (mention, _invitation) = await notifications(grace)
    assert mention["kind"] == "mention"
    assert mention["place"] == {"kind": "conversation", "id": group, "name": None}
    assert mention["target"] == {"kind": "message", "id": message["id"]}
    assert [actor["id"] for actor in mention["actors"]] == [ada.id]
    assert mention["excerpt"] == f"Ask @{grace.username}"
    assert await kinds(eve) == [("invitation", 1)]
