from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from cgraph.chat.messages.models import Message
from tests.feature.conversation import Conversation
from tests.feature.world import Answer, Person


async def history(person: Person, conversation: object, query: str = "") -> Answer:
    return await person.call("list_messages", id=conversation, query=query)


async def seqs(person: Person, conversation: str, query: str) -> list[int]:
    """The numbers of the messages on all pages."""
    numbers: list[int] = []
    cursor = ""
    while True:
        page: Any = (await history(person, conversation, query + cursor)).body
        numbers += [message["seq"] for message in page["items"]]
        if page["next"] is None:
            return numbers
        cursor = f"&cursor={page['next']}"


@pytest.fixture
async def seven(ada: Person, grace: Person) -> str:
    """The id of a conversation of seven messages."""
    conversation = await ada.converse(grace)
    for number in range(7):
        await (ada, grace)[number % 2].send(conversation, f"{number}")
    return conversation


async def test_messages_are_listed_newest_first_or_with_after_oldest_first(
    ada: Person, seven: str
) -> None:
    for query, expected in {
        "limit=100": [7, 6, 5, 4, 3, 2, 1],
        "limit=2": [7, 6, 5, 4, 3, 2, 1],
        "limit=3&before=5": [4, 3, 2, 1],
        "limit=3&after=0": [1, 2, 3, 4, 5, 6, 7],
        "limit=2&after=4": [5, 6, 7],
        "limit=7&before=8": [7, 6, 5, 4, 3, 2, 1],
        "before=1": [],
        "after=7": [],
    }.items():
        assert await seqs(ada, seven, query) == expected, query


async def test_listed_messages_are_what_was_sent(ada: Person, grace: Person) -> None:
    conversation = await ada.converse(grace)
    sent = [await ada.send(conversation, text) for text in ("first", "zwei 🦉", "\ttabs\n\n ")]
    page = (await history(grace, conversation, "after=0")).body

    assert page == {"items": sent, "next": None}


async def test_a_stranger_cannot_list_messages(eve: Person, seven: str) -> None:
    existing, missing = await history(eve, seven), await history(eve, uuid4())

    assert existing.refusal == missing.refusal == (404, "conversation_not_found")
    assert existing.body == missing.body


async def test_a_cursor_of_another_conversation_is_refused(
    ada: Person, eve: Person, seven: str
) -> None:
    cursor = (await history(ada, seven, "limit=1")).body["next"]
    other = await ada.converse(eve)

    assert (await history(ada, other, f"cursor={cursor}")).refusal == (400, "invalid_cursor")
    assert (await history(eve, seven, f"cursor={cursor}")).refusal[0] == 404
    assert (await history(ada, seven, f"cursor={cursor[:-1]}")).refusal == (400, "invalid_cursor")


@pytest.mark.parametrize("query", ["before=-1", "after=x", f"before={2**63}", "limit=101"])
async def test_an_invalid_page_of_messages_is_refused(ada: Person, seven: str, query: str) -> None:
    assert (await history(ada, seven, query)).refusal == (422, "validation_failed")


async def test_a_listed_message_is_what_the_model_describes(ada: Person, seven: str) -> None:
    """Nothing validates the JSON that Postgres writes."""
    for item in (await history(ada, seven)).body["items"]:
        assert Message.model_validate(item).model_dump(mode="json") == item


async def test_a_page_around_a_number_has_messages_on_both_sides(
    ada: Person, direct: Conversation
) -> None:
    for number in range(1, 13):
        await ada.send(direct.id, f"{number}")

    async def page(query: str) -> Any:
        return (await ada.call("list_messages", id=direct.id, query=query)).body

    async def numbers(query: str) -> list[int]:
        return [message["seq"] for message in (await page(query))["items"]]

    assert await numbers("around=6&limit=5") == [8, 7, 6, 5, 4]
    assert await numbers("around=6&limit=1") == [6]
    assert await numbers("around=12&limit=4") == [12, 11, 10, 9]
    assert await numbers("around=99&limit=3") == [12, 11, 10]
    assert await numbers("around=1&limit=4") == [3, 2, 1]
    assert await numbers("around=0&limit=4&before=3&after=9") == [2, 1]
    middle = await page("around=6&limit=5")
    assert await numbers(f"cursor={middle['next']}&limit=2") == [3, 2]
    assert await numbers(f"after={middle['items'][0]['seq']}&limit=2") == [9, 10]
    assert (await page("around=1"))["next"] is None
