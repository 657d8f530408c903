from __future__ import annotations

from uuid import uuid4

from tests.feature.account import user_events
from tests.feature.world import Answer, Person


async def unblock(person: Person, user_id: object) -> Answer:
    return await person.call("unblock_user", user_id=user_id)


async def test_after_an_unblock_both_users_can_start_a_direct_conversation(
    ada: Person, grace: Person
) -> None:
    await ada.call("block_user", user_id=grace.id)
    answer = await unblock(ada, grace.id)

    assert (answer.status, answer.body) == (204, None)
    draft = {"kind": "direct", "members": [ada.username]}
    assert (await grace.call("start_conversation", draft)).status == 201
    draft = {"kind": "direct", "members": [grace.username]}
    assert (await ada.call("start_conversation", draft)).status == 200


async def test_an_unblock_lifts_no_block_of_the_other_user(ada: Person, grace: Person) -> None:
    await grace.call("block_user", user_id=ada.id)
    await unblock(ada, grace.id)

    draft = {"kind": "direct", "members": [grace.username]}
    assert (await ada.call("start_conversation", draft)).refusal == (403, "blocked")


async def test_unblocking_a_user_who_is_not_blocked_changes_nothing(
    ada: Person, grace: Person
) -> None:
    assert (await unblock(ada, grace.id)).status == 204
    assert await user_events(ada, "block.removed") == []


async def test_an_unknown_user_cannot_be_unblocked(ada: Person) -> None:
    assert (await unblock(ada, uuid4())).refusal == (404, "user_not_found")
