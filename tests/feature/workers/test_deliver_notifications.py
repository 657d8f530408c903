"""A nudge sends what is due without waiting for the timer."""

from __future__ import annotations

from tests.feature.notified import notify, prefer, queue, sent_to
from tests.feature.world import Person, World


async def test_a_nudge_sends_what_is_due(world: World, ada: Person) -> None:
    mails = queue(world, "mails")
    person = await world.new_person("reader")
    await prefer(person, mail="immediate")
    await notify(person, actor=ada)
    result = await world.work_off("workers.deliver_notifications", {"due": True}, {"due": True})
    assert result == {"batchItemFailures": []}
    assert len(await sent_to(person, mails)) == 1


async def test_a_nudge_is_delivered_again_while_postgres_is_away(world: World) -> None:
    async with world.away("postgres"):
        result = await world.work_off("workers.deliver_notifications", {"due": True})
    assert result == {"batchItemFailures": [{"itemIdentifier": "0"}]}
