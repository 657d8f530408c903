from __future__ import annotations

from tests.feature.world import Person


async def test_the_profile_of_the_caller_has_the_e_mail_address(ada: Person) -> None:
    answer = await ada.call("show_me")

    assert answer.status == 200
    assert answer.body.keys() == {
        "id", "username", "display_name", "bio", "avatar", "created_at", "email", "totp", "karma",
        "language",
    }  # fmt: skip
    assert (answer.body["id"], answer.body["email"]) == (ada.id, ada.email)
    assert answer.body["created_at"].endswith("Z")
