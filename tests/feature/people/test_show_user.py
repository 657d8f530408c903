from __future__ import annotations

from tests.feature.world import Person


async def test_a_user_is_shown_by_username_in_any_case_without_the_e_mail_address(
    ada: Person, grace: Person
) -> None:
    answer = await ada.call("show_user", username=grace.username.upper())

    assert answer.status == 200
    assert (answer.body["id"], answer.body["username"]) == (grace.id, grace.username)
    assert "email" not in answer.body


async def test_an_unknown_username_is_not_found(ada: Person) -> None:
    answer = await ada.call("show_user", username=f"no-{ada.username}")

    assert answer.refusal == (404, "user_not_found")


async def test_an_invalid_username_is_refused(ada: Person) -> None:
    answer = await ada.call("show_user", username="-")

    assert answer.refusal == (422, "validation_failed")
