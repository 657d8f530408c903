"""Devices are seen by their owner only, and their endpoints by nobody."""

from __future__ import annotations

from tests.feature.devices.test_add_device import subscription
from tests.feature.world import Person


async def test_a_list_shows_no_endpoint_and_no_key(ada: Person) -> None:
    await ada.call("add_device", subscription())
    (device,) = (await ada.call("list_devices")).body["items"]
    assert device.keys() == {"id", "platform", "created_at", "is_current"}


async def test_devices_of_others_are_not_listed(ada: Person, grace: Person) -> None:
    await ada.call("add_device", subscription())
    assert (await grace.call("list_devices")).body == {"items": [], "next": None}
