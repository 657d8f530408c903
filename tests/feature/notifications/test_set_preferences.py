from __future__ import annotations

import pytest

from tests.feature.notifications.inbox import kinds
from tests.feature.world import Person

PREFERENCES = {
    "time_zone": "Europe/Berlin",
    "quiet_from": "22:00",
    "quiet_until": "07:30",
    "push": False,
    "show_preview": True,
    "mail": "daily",
    "silenced": ["reaction"],
}


async def test_what_is_set_is_shown_and_what_is_left_out_is_the_default(ada: Person) -> None:
    assert (await ada.call("set_preferences", PREFERENCES)).body == PREFERENCES
    assert (await ada.call("show_preferences")).body == PREFERENCES
    assert (await ada.call("set_preferences", {})).body["mail"] == "off"


async def test_a_silenced_kind_notifies_no_more(ada: Person, grace: Person) -> None:
    answer = await grace.call("set_preferences", {"silenced": ["direct_message"]})
    assert answer.status == 200
    await ada.send(await ada.converse(grace), "Hello")
    assert await kinds(grace) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"time_zone": "Europe/Atlantis"}, "unknown_time_zone"),
        ({"quiet_until": None}, "validation_failed"),
        ({"quiet_from": "25:00"}, "validation_failed"),
        ({"silenced": ["gossip"]}, "validation_failed"),
    ],
)
async def test_what_is_not_valid_is_refused(
    ada: Person, change: dict[str, object], code: str
) -> None:
    answer = await ada.call("set_preferences", {**PREFERENCES, **change})
    assert answer.refusal == (422, code)
