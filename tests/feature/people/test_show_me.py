from __future__ import annotations

from tests.feature.world import Person


async def test_oneself_and_ones_address(ada: Person) -> None:
    answer = await ada.call("show_me")

    assert answer.status == 200
    assert answer.body.keys() == {
        "id", "username", "display_name", "bio", "created_at", "email", "totp", "karma",
    }  # fmt: skip
    assert (answer.body["id"], answer.body["email"]) == (ada.id, ada.email)
    assert answer.body["created_at"].endswith("Z")
