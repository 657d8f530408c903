"""A push message reaches a phone through Apple's or Google's service."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.feature.notified import deliver, notify, prefer, queue, sent_to
from tests.feature.phone_services import PhoneServices, fcm_error, phone_services
from tests.feature.world import Person, World

DONE: dict[str, Any] = {"batchItemFailures": []}
FUNCTION = "workers.send_phone_push"


@pytest.fixture
async def phones(world: World, tmp_path: Path) -> AsyncIterator[PhoneServices]:
    async with phone_services(world, tmp_path) as services:
        yield services


async def _job(world: World, phones: PhoneServices, actor: Person, platform: str) -> Any:
    """About a mention, for the phone of somebody."""
    pushes = queue(world, "phone-pushes")
    person = await world.new_person("phone")
    await phones.register(person, platform)
    await notify(person, actor=actor, kind="mention")
    await deliver(world)
    (job,) = await sent_to(person, pushes)
    return job


async def test_an_iphone_shows_who_did_what_and_the_badge(
    world: World, phones: PhoneServices, ada: Person
) -> None:
    job = await _job(world, phones, ada, "apns")
    assert await world.work_off(FUNCTION, job) == DONE
    (message,) = phones.messages
    assert message.path == f"/3/device/{job['token']}"
    aps = message.json["aps"]
    assert aps["alert"] == {"title": f"{ada.username} mentioned you"}
    assert (aps["badge"], aps["sound"]) == (1, "default")
    assert message.json["notification"]["kind"] == "mention"


async def test_the_headers_say_how_urgent_it_is_and_what_it_replaces(
    world: World, phones: PhoneServices, ada: Person
) -> None:
    job = await _job(world, phones, ada, "apns")
    await world.work_off(FUNCTION, job, {**job, "is_urgent": False})
    urgent, quiet = (message.headers for message in phones.messages)
    assert (urgent["apns-priority"], quiet["apns-priority"]) == ("10", "5")
    assert urgent["apns-push-type"] == "alert"
    assert urgent["apns-collapse-id"] == job["data"]["id"]
    assert int(urgent["apns-expiration"]) == int(job["made_at"]) + 86400
    assert phones.connections == 1, "APNs wants one long connection"


async def test_an_android_phone_shows_the_same(
    world: World, phones: PhoneServices, ada: Person
) -> None:
    job = await _job(world, phones, ada, "fcm")
    assert await world.work_off(FUNCTION, job, {**job, "is_urgent": False}) == DONE
    message, quiet = (each.json["message"] for each in phones.messages)
    assert message["token"] == job["token"]
    assert message["notification"] == {"title": f"{ada.username} mentioned you"}
    assert (message["data"]["kind"], message["data"]["unread"]) == ("mention", "1")
    android = message["android"]
    assert (android["priority"], quiet["android"]["priority"]) == ("HIGH", "NORMAL")
    assert android["collapse_key"] == android["notification"]["tag"] == job["data"]["id"]
    assert len(phones.access_tokens) == 1, "an access token is used again"


@pytest.mark.parametrize(
    ("platform", "status", "body"),
    [
        ("apns", 410, {"reason": "Unregistered", "timestamp": 1}),
        ("apns", 400, {"reason": "BadDeviceToken"}),
        ("fcm", 404, fcm_error("NOT_FOUND", code="UNREGISTERED")),
        ("fcm", 400, fcm_error("INVALID_ARGUMENT", field="message.token")),
    ],
)
async def test_a_token_that_ended_is_deleted(
    world: World, phones: PhoneServices, ada: Person, platform: str, status: int, body: Any
) -> None:
    reports = queue(world, "deliveries")
    job = await _job(world, phones, ada, platform)
    phones.answers = [(status, {}, body)]
    assert await world.work_off(FUNCTION, job) == DONE
    (report,) = world.queues.drain(reports)
    await world.work_off("workers.deliver_notifications", report)
    assert await world.sql("SELECT FROM devices WHERE id = %s", job["device_id"]) == []


@pytest.mark.parametrize(
    ("platform", "status", "body"),
    [
        ("apns", 429, {"reason": "TooManyRequests"}),
        ("apns", 503, {"reason": "ServiceUnavailable"}),
        ("fcm", 429, fcm_error("RESOURCE_EXHAUSTED", code="QUOTA_EXCEEDED")),
        ("fcm", 503, "not JSON of theirs"),
    ],
)
async def test_a_busy_service_is_tried_again_as_late_as_it_wants(
    world: World, phones: PhoneServices, ada: Person, platform: str, status: int, body: Any
) -> None:
    job = await _job(world, phones, ada, platform)
    phones.answers = [(status, {"retry-after": "700"}, body)]
    printed = await world.printed_by(FUNCTION, job)
    assert "phone_push.failed" not in printed
    assert await world.sql("SELECT id FROM devices WHERE id = %s", job["device_id"]) != []
    last = await world.printed_by(FUNCTION, {**job, "attempt": 6, "made_at": 0})
    assert "phone_push.failed" not in last, "taken"
    phones.answers = [(status, {}, body)]
    assert '"phone_push.failed":[1' in await world.printed_by(FUNCTION, {**job, "attempt": 6})


async def test_a_message_that_is_refused_for_good_is_counted(
    world: World, phones: PhoneServices, ada: Person
) -> None:
    job = await _job(world, phones, ada, "apns")
    phones.answers = [(400, {}, {"reason": "DeviceTokenNotForTopic"})]
    assert '"phone_push.failed":[1' in await world.printed_by(FUNCTION, job)
    assert await world.sql("SELECT id FROM devices WHERE id = %s", job["device_id"]) != []


async def test_the_key_is_read_again_when_it_was_replaced(
    world: World, phones: PhoneServices, ada: Person, tmp_path: Path
) -> None:
    from cryptography.hazmat.primitives.asymmetric import ec

    job = await _job(world, phones, ada, "apns")
    await world.work_off(FUNCTION, job)
    phones.apple_key = ec.generate_private_key(ec.SECP256R1())
    await world.work_off(FUNCTION, job)
    assert len(phones.messages) == 1, "refused: it was signed with the revoked key"
    (tmp_path / "apns.json").write_text(phones.apns_secret())
    await world.work_off(FUNCTION, job)
    assert len(phones.messages) == 2


async def test_nothing_is_lost_while_the_secret_is_not_usable(
    world: World, phones: PhoneServices, ada: Person, tmp_path: Path
) -> None:
    job = await _job(world, phones, ada, "fcm")
    (tmp_path / "fcm.json").write_text("{}")
    printed = await world.printed_by(FUNCTION, job)
    assert phones.messages == [] and "phone_push.failed" not in printed
    (tmp_path / "fcm.json").write_text(phones.fcm_secret())
    await world.work_off(FUNCTION, job)
    assert len(phones.messages) == 1


@pytest.mark.parametrize("platform", ["apns", "fcm"])
async def test_the_text_is_shown_only_to_who_wants_it(
    world: World, phones: PhoneServices, ada: Person, platform: str
) -> None:
    pushes = queue(world, "phone-pushes")
    person = await world.new_person("phone")
    await phones.register(person, platform)
    message = await ada.send(await ada.converse(person), "Tea at four?")
    shown = []
    for wanted in (False, True):
        await prefer(person, show_preview=wanted)
        await notify(person, actor=ada, message=message)
        await deliver(world)
        (job,) = await sent_to(person, pushes)
        shown.append(job["text"])
    assert shown == ["", "Tea at four?"]
