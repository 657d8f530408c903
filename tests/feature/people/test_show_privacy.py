from __future__ import annotations

from tests.feature.world import Person


async def test_everybody_may_reach_a_new_user(ada: Person) -> None:
    answer = await ada.call("show_privacy")

    assert (answer.status, answer.body) == (
        200,
        {"messages_from": "everyone", "groups_from": "everyone", "receipts": True},
    )
