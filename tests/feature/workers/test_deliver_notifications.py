"""A nudge sends what is due without waiting for the timer."""

from __future__ import annotations

from tests.feature.notifications.inbox import begin_at_the_end
from tests.feature.notified import deliveries, notify, prefer, queue, sent_to
from tests.feature.world import Person, World


async def test_a_nudge_sends_what_is_due(world: World, ada: Person) -> None:
    mails = queue(world, "mails")
    person = await world.new_person("reader")
    await prefer(person, mail="immediate")
    await notify(person, actor=ada)
    result = await world.work_off("workers.deliver_notifications", {"due": True}, {"due": True})
    assert result == {"batchItemFailures": []}
    assert len(await sent_to(person, mails)) == 1


async def test_a_message_becomes_a_mail_unless_it_is_read(world: World, ada: Person) -> None:
    await begin_at_the_end(world)
    mails = queue(world, "mails")
    away, present = await world.new_person("away"), await world.new_person("present")
    for person in (away, present):
        await prefer(person, mail="immediate")
        await ada.send(await ada.converse(person), "Tea at four?")
    await world.work_off("workers.make_notifications", {"shard": None})
    assert await deliveries(away) == [("mail", False, None)]
    conversation = await present.converse(ada)
    answer = await present.call("mark_read", {"seq": 1}, id=conversation)
    assert answer.status in (200, 204), answer
    await world.work_off("workers.make_notifications", {"shard": None})
    await world.sql(
        "UPDATE deliveries SET due_at = now() WHERE user_id IN (%s, %s)", away.id, present.id
    )
    await world.work_off("workers.deliver_notifications", {"due": True})
    jobs = world.queues.drain(mails)
    (mail,) = (job for job in jobs if job["to"] == away.email)
    assert mail["subject"] == f"{ada.username} sent you a message"
    assert "Tea at four?" not in mail["text"] + mail["html"]
    assert present.email not in {job["to"] for job in jobs}


async def test_a_nudge_is_delivered_again_while_postgres_is_away(world: World) -> None:
    async with world.away("postgres"):
        result = await world.work_off("workers.deliver_notifications", {"due": True})
    assert result == {"batchItemFailures": [{"itemIdentifier": "0"}]}
