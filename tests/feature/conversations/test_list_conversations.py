from __future__ import annotations

import asyncio
from typing import Any

import pytest

from cgraph.chat.conversations.models import Conversation as ConversationModel
from tests.feature.world import Answer, Person, World


async def list_all(person: Person, *, limit: int) -> list[Any]:
    """The items of all pages."""
    items: list[Any] = []
    query = f"limit={limit}"
    while True:
        page = (await person.call("list_conversations", query=query)).body
        assert len(page["items"]) <= limit
        items += page["items"]
        if page["next"] is None:
            return items
        query = f"limit={limit}&cursor={page['next']}"


async def crowd(world: World, number: int) -> list[Person]:
    return list(await asyncio.gather(*(world.new_person("one") for _ in range(number))))


async def test_small_and_large_conversations_are_listed_last_active_first(
    world: World, ada: Person
) -> None:
    people = await crowd(world, 39)
    conversations = [
        await ada.converse(people[0]),
        await ada.converse(*people, kind="group"),
        await ada.converse(*people[:3], kind="group"),
        await ada.converse(*people[:35], kind="group"),
        await ada.converse(people[1]),
    ]
    order = [1, 0, 3, 4, 2]
    for number in order:
        await people[0].send(conversations[number], f"in {number}") if number != 4 else (
            await people[1].send(conversations[number], f"in {number}")
        )
    expected = [conversations[number] for number in reversed(order)]

    for limit in (1, 2, 3, 100):
        items = await list_all(ada, limit=limit)
        assert [item["id"] for item in items] == expected
    assert [item["last_message"]["content"] for item in items] == [
        f"in {number}" for number in reversed(order)
    ]
    assert [item["unread_count"] for item in items] == [1] * 5
    large = next(item for item in items if item["id"] == conversations[1])
    assert (large["member_count"], len(large["members"])) == (40, 8)


async def test_a_message_between_two_pages_hides_no_conversation(world: World, ada: Person) -> None:
    people = await crowd(world, 5)
    conversations = [await ada.converse(person) for person in people]
    first = (await ada.call("list_conversations", query="limit=2")).body
    await people[0].send(conversations[0], "up")
    query = f"limit=10&cursor={first['next']}"
    rest = (await ada.call("list_conversations", query=query)).body

    seen = [item["id"] for item in first["items"] + rest["items"]]
    assert seen == [*reversed(conversations[1:])]


async def test_the_unread_count_is_the_number_of_messages_by_others_since(
    ada: Person, grace: Person
) -> None:
    conversation = await ada.converse(grace)
    for number in range(3):
        await grace.send(conversation, f"{number}")

    async def unread(person: Person) -> int:
        (item,) = await list_all(person, limit=10)
        return int(item["unread_count"])

    assert (await unread(ada), await unread(grace)) == (3, 0)
    await ada.send(conversation, "read, then answered")
    assert (await unread(ada), await unread(grace)) == (0, 1)


async def test_only_conversations_of_the_caller_are_listed(
    ada: Person, grace: Person, eve: Person
) -> None:
    await ada.converse(grace)

    assert await list_all(eve, limit=10) == []


async def test_conversations_of_the_same_time_are_listed_by_id(world: World, ada: Person) -> None:
    people = await crowd(world, 4)
    conversations = [await ada.converse(person) for person in people]
    await world.sql(
        "UPDATE conversation_members SET active_at = '2026-01-01' WHERE user_id = %s", ada.id
    )
    items = await list_all(ada, limit=1)

    assert [item["id"] for item in items] == sorted(conversations, reverse=True)


@pytest.mark.parametrize("cursor", ["x", "AAAA", "😀", "%00", "a" * 300, "bm9uZQ=="])
async def test_an_invalid_cursor_of_conversations_is_refused(ada: Person, cursor: str) -> None:
    answer = await ada.call("list_conversations", query=f"cursor={cursor}")

    assert answer.refusal == (400, "invalid_cursor")


async def test_a_cursor_of_another_users_list_is_refused(
    ada: Person, grace: Person, eve: Person
) -> None:
    async def cursor(person: Person, other: Person) -> Any:
        await person.converse(other)
        await person.converse(kind="group")
        return (await person.call("list_conversations", query="limit=1")).body["next"]

    theirs = await cursor(grace, eve)
    answer = await ada.call("list_conversations", query=f"cursor={theirs}")

    assert answer.refusal == (400, "invalid_cursor")


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", f"cursor={'a' * 301}"])
async def test_an_invalid_page_of_conversations_is_refused(ada: Person, query: str) -> None:
    answer: Answer = await ada.call("list_conversations", query=query)

    assert answer.refusal == (422, "validation_failed")


async def test_a_listed_conversation_is_what_the_model_describes(
    ada: Person, grace: Person
) -> None:
    """Nothing validates the JSON that Postgres writes."""
    conversation = await ada.converse(grace)
    await grace.send(conversation, 'sent 🌻 "quoted"\n')
    for item in await list_all(ada, limit=10):
        assert ConversationModel.model_validate(item).model_dump(mode="json") == item
