"""A removed device gets nothing more."""

from __future__ import annotations

from tests.feature.devices.test_add_device import subscription
from tests.feature.world import Person


async def test_a_removed_device_is_gone(ada: Person) -> None:
    id = (await ada.call("add_device", subscription())).body["id"]
    assert (await ada.call("remove_device", id=id)).status == 204
    assert (await ada.call("list_devices")).body["items"] == []
    assert (await ada.call("remove_device", id=id)).refusal == (404, "device_not_found")


async def test_a_device_of_another_user_is_not_found(ada: Person, grace: Person) -> None:
    id = (await ada.call("add_device", subscription())).body["id"]
    assert (await grace.call("remove_device", id=id)).refusal == (404, "device_not_found")
    assert len((await ada.call("list_devices")).body["items"]) == 1
