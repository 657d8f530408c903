"""No mail but that which verifies it goes to an address that may be somebody else's."""

from __future__ import annotations

from tests.feature.mailed import Mailbox, verified
from tests.feature.notified import deliver, deliveries, notify, prefer
from tests.feature.world import Person, World


async def test_notifications_go_by_mail_to_a_verified_address_only(
    world: World, ada: Person, grace: Person, eve: Person
) -> None:
    for person in (ada, grace):
        await prefer(person, mail="immediate")
    await verified(ada)
    await world.sql("UPDATE users SET email_verified_at = NULL WHERE id = %s", grace.id)
    mailbox = Mailbox.of(world)
    for person in (ada, grace):
        await notify(person, actor=eve)
    await deliver(world)
    assert (mailbox.count(ada.email), mailbox.count(grace.email)) == (1, 0)
    assert ("mail", False, "unverified") in await deliveries(grace)
