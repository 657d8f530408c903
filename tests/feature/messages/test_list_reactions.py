from __future__ import annotations

from urllib.parse import quote

from tests.feature.conversation import Conversation
from tests.feature.world import Answer, Person

THUMB = "👍"


async def reactions(person: Person, message: object, emoji: str = THUMB, query: str = "") -> Answer:
    assert isinstance(message, dict)
    return await person.call("list_reactions", id=message["id"], emoji=emoji, query=query)


async def test_who_reacted_is_listed_oldest_first_in_pages(
    ada: Person, grace: Person, eve: Person, group: Conversation
) -> None:
    await group.put_member(ada, eve)
    message = await ada.send(group.id, "hi")
    for person in (grace, eve, ada):
        await group.react(person, message, THUMB)
    await group.react(ada, message, "🎉")
    await group.unreact(eve, message, THUMB)

    first = (await reactions(ada, message, query="limit=1")).body
    rest = (await reactions(ada, message, query=f"limit=1&cursor={first['next']}")).body
    assert [item["user"]["id"] for item in first["items"] + rest["items"]] == [grace.id, ada.id]
    assert rest["next"] is None
    assert first["items"][0]["user"]["username"] == grace.username
    assert first["items"][0]["created_at"] <= rest["items"][0]["created_at"]


async def test_a_cursor_belongs_to_its_emoji(
    ada: Person, grace: Person, group: Conversation
) -> None:
    message = await ada.send(group.id, "hi")
    for person in (ada, grace):
        await group.react(person, message, THUMB)
    page = (await reactions(ada, message, query="limit=1")).body

    answer = await reactions(ada, message, "🎉", query=f"cursor={quote(page['next'])}")
    assert answer.refusal == (400, "invalid_cursor")


async def test_reactions_to_a_deleted_message_are_gone(ada: Person, group: Conversation) -> None:
    message = await ada.send(group.id, "hi")
    await group.react(ada, message, THUMB)
    await group.delete(ada, message)

    assert (await reactions(ada, message)).body == {"items": [], "next": None}


async def test_a_stranger_cannot_list_reactions(
    ada: Person, eve: Person, group: Conversation
) -> None:
    message = await ada.send(group.id, "hi")

    assert (await reactions(eve, message)).refusal == (404, "message_not_found")
