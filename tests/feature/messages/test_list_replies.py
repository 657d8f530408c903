from __future__ import annotations

from tests.feature.conversation import Conversation
from tests.feature.world import Person


async def test_replies_are_listed_oldest_first_in_pages(
    ada: Person, grace: Person, group: Conversation
) -> None:
    parent = await ada.send(group.id, "first")
    replies = [await grace.send(group.id, f"{n}", reply_to=parent["id"]) for n in range(3)]
    await ada.send(group.id, "a reply to a reply", reply_to=replies[0]["id"])
    await group.delete(grace, replies[1])

    first = (await ada.call("list_replies", id=parent["id"], query="limit=2")).body
    query = f"limit=2&cursor={first['next']}"
    rest = (await ada.call("list_replies", id=parent["id"], query=query)).body
    assert [reply["content"] for reply in first["items"] + rest["items"]] == ["0", "", "2"]
    assert rest["next"] is None
    assert rest["items"] == [(await group.show_message(ada, replies[2])).body]


async def test_a_message_without_replies_has_an_empty_list(
    ada: Person, group: Conversation
) -> None:
    message = await ada.send(group.id, "hi")

    answer = await ada.call("list_replies", id=message["id"])
    assert (answer.status, answer.body) == (200, {"items": [], "next": None})


async def test_a_stranger_cannot_list_replies(
    ada: Person, eve: Person, group: Conversation
) -> None:
    message = await ada.send(group.id, "hi")

    answer = await eve.call("list_replies", id=message["id"])
    assert answer.refusal == (404, "message_not_found")
