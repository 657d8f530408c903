"""An address from which mail came back, or whose reader complained, gets no more mail."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.feature.notified import deliver, deliveries, notify, prefer, queue, sent_to
from tests.feature.world import Person, World

DONE: dict[str, Any] = {"batchItemFailures": []}


def bounce(address: str, *, kind: str = "Permanent") -> dict[str, Any]:
    recipients = [{"emailAddress": address, "action": "failed", "status": "5.1.1"}]
    about = {"bounceType": kind, "bounceSubType": "General", "bouncedRecipients": recipients}
    return {"eventType": "Bounce", "bounce": about, "mail": {"messageId": "1"}}


def complaint(address: str) -> dict[str, Any]:
    about = {"complainedRecipients": [{"emailAddress": address}]}
    return {"eventType": "Complaint", "complaint": about, "mail": {"messageId": "1"}}


@pytest.mark.parametrize("event", [bounce, complaint])
async def test_mailing_ends(world: World, ada: Person, event: Any) -> None:
    mails = queue(world, "mails")
    person = await world.new_person("reader")
    await prefer(person, mail="immediate")
    await notify(person, actor=ada)
    assert await world.work_off("workers.record_mail_feedback", event(person.email)) == DONE
    await deliver(world)
    assert await sent_to(person, mails) == []
    assert await deliveries(person) == [("mail", False, "suppressed")]


async def test_a_notification_of_sns_is_read_like_the_event(world: World, ada: Person) -> None:
    notification = {"Type": "Notification", "Message": json.dumps(bounce(f"<{ada.email}>"))}
    assert await world.work_off("workers.record_mail_feedback", notification) == DONE
    assert await world.sql(
        "SELECT reason FROM mail_suppressions WHERE email = lower(%s)", ada.email
    ) == [("bounce",)]


@pytest.mark.parametrize(
    "event", [bounce("full@example.org", kind="Transient"), {"eventType": "Delivery", "mail": {}}]
)
async def test_what_passes_suppresses_nobody(world: World, event: dict[str, Any]) -> None:
    before = await world.sql("SELECT count(*) FROM mail_suppressions")
    assert await world.work_off("workers.record_mail_feedback", event) == DONE
    assert await world.sql("SELECT count(*) FROM mail_suppressions") == before


async def test_feedback_is_delivered_again_while_postgres_is_away(world: World) -> None:
    async with world.away("postgres"):
        result = await world.work_off("workers.record_mail_feedback", bounce("a@example.org"))
    assert result == {"batchItemFailures": [{"itemIdentifier": "0"}]}
