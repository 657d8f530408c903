"""A browser's subscription gets push messages from its registration on."""

from __future__ import annotations

import base64
from pathlib import Path
from uuid import uuid4

import pytest

from tests.feature.phone_services import phone_services
from tests.feature.push_receiver import receiving_pushes
from tests.feature.world import PASSWORD, Person, World

POINT = "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM"
AUTH = "tBHItJI5svbpez7KI4CCXg"


def subscription(**changes: object) -> dict[str, object]:
    endpoint = f"https://push.example.org/send/{uuid4().hex}"
    keys = {"p256dh": POINT, "auth": AUTH}
    return {"platform": "web", "endpoint": endpoint, "keys": keys, **changes}


async def test_a_subscription_is_listed_as_a_device(ada: Person) -> None:
    added = await ada.call("add_device", subscription())
    assert (added.status, added.body["platform"]) == (201, "web")
    assert (await ada.call("list_devices")).body == {"items": [added.body], "next": None}


async def test_an_endpoint_belongs_to_who_registered_it_last(ada: Person, grace: Person) -> None:
    draft = subscription()
    first = await ada.call("add_device", draft)
    second = await grace.call("add_device", draft)
    assert first.body["id"] == second.body["id"]
    assert (await ada.call("list_devices")).body["items"] == []
    assert len((await grace.call("list_devices")).body["items"]) == 1


async def test_the_oldest_of_more_than_twenty_devices_goes(world: World) -> None:
    person = await world.new_person()
    ids = [(await person.call("add_device", subscription())).body["id"] for _ in range(22)]
    listed = [each["id"] for each in (await person.call("list_devices")).body["items"]]
    assert listed == ids[:1:-1]


@pytest.mark.parametrize(
    "endpoint",
    [
        *("http://push.example.org/a", "https://127.0.0.1/a", "https://169.254.169.254/latest"),
        *("https://[::ffff:10.0.0.1]/", "https://user@push.example.org/", "javascript:alert(1)"),
        *("https://push.example.org:8080/", "https://push.example.org/a b", "ftp://example.org/"),
    ],
)
async def test_an_endpoint_that_is_not_on_the_internet_is_refused(
    ada: Person, endpoint: str
) -> None:
    answer = await ada.call("add_device", subscription(endpoint=endpoint))
    assert answer.refusal == (422, "invalid_endpoint")


@pytest.mark.parametrize(
    ("p256dh", "auth"),
    [
        (POINT[:-4], AUTH),
        (POINT[:-2] + "AA", AUTH),  # a point beside the curve
        (base64.urlsafe_b64encode(bytes(65)).decode(), AUTH),
        (POINT, AUTH[:-4]),
        ("é" * 20, AUTH),
    ],
)
async def test_a_key_that_no_browser_gives_is_refused(ada: Person, p256dh: str, auth: str) -> None:
    answer = await ada.call("add_device", subscription(keys={"p256dh": p256dh, "auth": auth}))
    assert answer.refusal == (422, "invalid_push_key")


async def test_a_platform_without_a_sender_is_refused(ada: Person) -> None:
    answer = await ada.call("add_device", subscription(platform="apns"))
    assert answer.refusal == (409, "platform_not_available")


async def test_a_phone_is_registered_by_its_token(
    world: World, ada: Person, grace: Person, tmp_path: Path
) -> None:
    async with phone_services(world, tmp_path):
        draft = {"platform": "apns", "token": "AB" * 32}
        first = await ada.call("add_device", draft)
        assert (first.status, first.body["platform"]) == (201, "apns")
        again = await grace.call("add_device", {**draft, "token": "ab" * 32})
        assert first.body["id"] == again.body["id"]


@pytest.mark.parametrize(
    ("platform", "token"),
    [
        ("apns", "ab" * 31),
        ("apns", "ab" * 101),
        ("apns", "../" * 22),
        ("apns", "ab" * 31 + "é0"),
        ("fcm", "too-short"),
        ("fcm", "with space " * 4),
    ],
)
async def test_what_is_no_token_of_the_platform_is_refused(
    world: World, ada: Person, tmp_path: Path, platform: str, token: str
) -> None:
    async with phone_services(world, tmp_path):
        answer = await ada.call("add_device", {"platform": platform, "token": token})
    assert answer.refusal == (422, "invalid_push_token")


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        ({"platform": "fcm", "endpoint": "https://push.example.org/a"}, "token"),
        ({"platform": "web", "token": "ab" * 32}, "endpoint"),
        ({"platform": "web", "endpoint": "https://push.example.org/a"}, "keys"),
    ],
)
async def test_what_a_platform_needs_must_be_there(
    world: World, ada: Person, tmp_path: Path, draft: object, field: str
) -> None:
    async with phone_services(world, tmp_path):
        answer = await ada.call("add_device", draft)
    assert answer.refusal == (422, "missing_device_field")
    assert [error["field"] for error in answer.body["errors"]] == [field]


async def test_a_device_ends_with_its_session(world: World, tmp_path: Path) -> None:
    person = await world.new_person()
    login = {"login": person.username, "password": PASSWORD}
    other = world.signed_in((await world.call("log_in", login, address=person.address)).body)
    async with receiving_pushes(world, tmp_path) as receiver:
        await receiver.subscribe(other)
    assert len((await person.call("list_devices")).body["items"]) == 1
    assert not (await person.call("list_devices")).body["items"][0]["is_current"]
    assert (await other.call("log_out")).status == 204
    assert (await person.call("list_devices")).body["items"] == []
