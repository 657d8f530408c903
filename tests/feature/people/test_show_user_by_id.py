from __future__ import annotations

from uuid import uuid4

from tests.feature.conversation import start_group
from tests.feature.world import Person


async def test_a_user_is_shown_by_id_as_by_name(ada: Person, grace: Person) -> None:
    answer = await ada.call("show_user_by_id", id=grace.id)
    by_name = await ada.call("show_user", username=grace.username)

    assert answer.status == 200
    assert answer.body == by_name.body
    assert "email" not in answer.body


async def test_the_author_of_a_message_is_shown_after_leaving(ada: Person, grace: Person) -> None:
    group = await start_group(ada, grace)
    message = await grace.send(group.id, "farewell")
    await group.remove_member(grace, grace)

    answer = await ada.call("show_user_by_id", id=message["author_id"])
    assert (answer.status, answer.body["username"]) == (200, grace.username)


async def test_an_unknown_user_is_not_found(ada: Person) -> None:
    assert (await ada.call("show_user_by_id", id=uuid4())).refusal == (404, "user_not_found")
    assert (await ada.call("show_user_by_id", id="ada")).status == 422
