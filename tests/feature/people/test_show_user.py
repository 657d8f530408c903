from __future__ import annotations

from tests.feature.world import Person


async def test_anybody_by_name_whatever_its_case_and_without_their_address(
    ada: Person, grace: Person
) -> None:
    answer = await ada.call("show_user", username=grace.username.upper())

    assert answer.status == 200
    assert (answer.body["id"], answer.body["username"]) == (grace.id, grace.username)
    assert "email" not in answer.body


async def test_nobody_of_that_name(ada: Person) -> None:
    answer = await ada.call("show_user", username=f"no-{ada.username}")

    assert answer.refusal == (404, "user_not_found")


async def test_a_name_that_nobody_could_have(ada: Person) -> None:
    answer = await ada.call("show_user", username="-")

    assert answer.refusal == (422, "validation_failed")
