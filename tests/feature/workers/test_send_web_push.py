"""A push message reaches the browser, which alone reads it; an ended subscription is forgotten."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from tests.feature.notified import deliver, notify, queue, sent_to
from tests.feature.push_receiver import PushReceiver, receiving_pushes
from tests.feature.world import Person, World

DONE: dict[str, Any] = {"batchItemFailures": []}


@pytest.fixture
async def receiver(world: World, tmp_path: Path) -> AsyncIterator[PushReceiver]:
    async with receiving_pushes(world, tmp_path) as receiver:
        yield receiver


@pytest.fixture
async def job(world: World, receiver: PushReceiver, ada: Person) -> Any:
    """About a mention of Ada's, for the browser of somebody else."""
    pushes = queue(world, "web-pushes")
    person = await world.new_person("reader")
    await receiver.subscribe(person)
    await notify(person, actor=ada, kind="mention")
    await deliver(world)
    (job,) = await sent_to(person, pushes)
    return job


async def test_the_browser_reads_who_did_what_and_the_badge(
    world: World, receiver: PushReceiver, job: Any, ada: Person
) -> None:
    assert await world.work_off("workers.send_web_push", job) == DONE
    (delivered,) = receiver.received
    content = receiver.read(delivered)
    assert content["title"] == f"{ada.username} mentioned you"
    assert (content["kind"], content["unread"]) == ("mention", 1)
    assert delivered.path == job["url"].removeprefix(receiver.origin)


async def test_the_request_has_the_headers_of_rfc_8030(
    world: World, receiver: PushReceiver, job: Any
) -> None:
    await world.work_off("workers.send_web_push", job)
    headers = receiver.received[0].headers
    assert headers["content-encoding"] == "aes128gcm"
    assert (headers["ttl"], headers["urgency"]) == ("86400", "high")
    assert len(headers["topic"]) <= 32
    assert len(receiver.received[0].body) <= 4096


async def test_the_vapid_token_is_signed_for_the_origin_by_the_published_key(
    world: World, receiver: PushReceiver, job: Any, ada: Person
) -> None:
    token, _, key = job["headers"]["authorization"].removeprefix("vapid t=").partition(", k=")
    assert key == (await ada.call("show_push_key")).body["public_key"]
    signed, _, signature = token.rpartition(".")
    raw = _decode(signature)
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _decode(key))
    r, s = (int.from_bytes(part, "big") for part in (raw[:32], raw[32:]))
    public.verify(encode_dss_signature(r, s), signed.encode(), ec.ECDSA(hashes.SHA256()))
    claims = json.loads(_decode(signed.partition(".")[2]))
    assert (claims["aud"], claims["sub"]) == (receiver.origin, "mailto:operator@example.org")


async def test_a_token_is_used_again_for_its_origin(
    world: World, receiver: PushReceiver, ada: Person
) -> None:
    pushes = queue(world, "web-pushes")
    person = await world.new_person("reader")
    await receiver.subscribe(person)
    await receiver.subscribe(person)
    await notify(person, actor=ada)
    await deliver(world)
    first, second = await sent_to(person, pushes)
    assert first["headers"]["authorization"] == second["headers"]["authorization"]
    assert first["body"] != second["body"]


@pytest.mark.parametrize("status", ["404 Not Found", "410 Gone"])
async def test_a_subscription_that_ended_is_deleted(
    world: World, receiver: PushReceiver, job: Any, status: str
) -> None:
    reports = queue(world, "deliveries")
    receiver.answers = [status]
    assert await world.work_off("workers.send_web_push", job) == DONE
    (report,) = world.queues.drain(reports)
    await world.work_off("workers.deliver_notifications", report)
    assert await world.sql("SELECT 1 FROM devices WHERE id = %s", job["device_id"]) == []


async def test_only_the_subscription_that_ended_is_deleted(
    world: World, receiver: PushReceiver, ada: Person
) -> None:
    """Not the other device of the user; and what they have not read stays unread."""
    pushes, reports = queue(world, "web-pushes"), queue(world, "deliveries")
    person = await world.new_person("reader")
    devices = [await receiver.subscribe(person) for _ in range(2)]
    await notify(person, actor=ada)
    await deliver(world)
    first, second = await sent_to(person, pushes)
    receiver.answers = ["410 Gone", "201 Created"]
    assert await world.work_off("workers.send_web_push", first, second) == DONE
    for report in world.queues.drain(reports) * 2:  # which is delivered twice
        await world.work_off("workers.deliver_notifications", report)
    left = [each["id"] for each in (await person.call("list_devices")).body["items"]]
    assert left == [second["device_id"]]
    assert {first["device_id"], second["device_id"]} == set(devices)
    assert (await person.call("show_badge")).body["unread"] == 1
    await notify(person, actor=ada)
    await deliver(world)
    assert [job["device_id"] for job in await sent_to(person, pushes)] == left


@pytest.mark.parametrize("status", ["400 No", "401 No", "403 No", "413 Too Large", "301 Moved"])
async def test_what_does_not_say_that_a_subscription_ended_ends_none(
    world: World, receiver: PushReceiver, job: Any, status: str
) -> None:
    reports = queue(world, "deliveries")
    receiver.answers = [status]
    await world.work_off("workers.send_web_push", job)
    assert [each for each in world.queues.drain(reports) if each.get("gone")] == []
    assert len(receiver.received) == 1, "a redirect is not followed"


@pytest.mark.parametrize("status", ["429 Too Many Requests", "500 No", "503 Later"])
async def test_a_busy_push_service_is_tried_again_later(
    world: World, receiver: PushReceiver, job: Any, status: str
) -> None:
    pushes = queue(world, "web-pushes")
    receiver.answers = [status]
    late = {**job, "attempt": 5}
    assert await world.work_off("workers.send_web_push", late) == DONE
    assert world.queues.drain(pushes) == []  # delayed
    assert await world.sql("SELECT id FROM devices WHERE id = %s", job["device_id"]) != []


async def test_the_last_attempt_is_not_followed_by_another(
    world: World, receiver: PushReceiver, job: Any
) -> None:
    receiver.answers = ["503 Later"]
    printed = await world.printed_by("workers.send_web_push", {**job, "attempt": 6})
    assert '"web_push.failed":[1' in printed
    assert len(receiver.received) == 1


async def test_a_host_that_has_no_public_address_ends_the_subscription(
    world: World, job: Any, receiver: PushReceiver
) -> None:
    """Also one that had a public one when it was registered."""
    from tests.feature.push_receiver import call_the_internet

    reports = queue(world, "deliveries")
    await world.run(call_the_internet)
    url = "https://localhost/send"
    assert await world.work_off("workers.send_web_push", {**job, "url": url}) == DONE
    assert world.queues.drain(reports) == [{"gone": [job["device_id"]]}]
    assert receiver.received == []


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
