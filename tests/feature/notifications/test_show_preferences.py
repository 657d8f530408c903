from __future__ import annotations

from tests.feature.world import Person


async def test_a_new_user_has_the_defaults(ada: Person) -> None:
    assert (await ada.call("show_preferences")).body == {
        "time_zone": "UTC",
        "quiet_from": None,
        "quiet_until": None,
        "push": True,
        "show_preview": False,
        "mail": "off",
        "silenced": [],
    }
