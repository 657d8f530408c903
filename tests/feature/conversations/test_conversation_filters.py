"""The filters of the list of conversations."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.feature.conversation import Conversation, send, start_group
from tests.feature.world import Person


async def listed(person: Person, query: str) -> list[str]:
    items: list[Any] = []
    page = (await person.call("list_conversations", query=f"limit=2&{query}")).body
    items += page["items"]
    while page["next"] is not None:
        more = f"limit=2&{query}&cursor={page['next']}"
        page = (await person.call("list_conversations", query=more)).body
        items += page["items"]
    return [item["id"] for item in items]


async def mute(person: Person, group: Conversation, *, hours: int | None = None) -> None:
    until = None if hours is None else (datetime.now(UTC) + timedelta(hours=hours)).isoformat()
    await person.call("mute_conversation", {"until": until}, id=group.id)


async def test_filters_leave_out_read_and_muted_conversations(ada: Person, grace: Person) -> None:
    """Large groups too, whose rows a message does not write."""
    groups = [await start_group(ada, grace) for _ in range(6)]
    for group in groups[3:]:
        await group.fill(members=40)
        await ada.world.sql(
            "UPDATE conversation_members SET large = true WHERE conversation_id = %s", group.id
        )
    for group in groups:
        await send(ada, group.id)
    for group in (groups[0], groups[3]):
        await grace.call("mark_read", {"seq": 1}, id=group.id)
    for group in (groups[1], groups[4]):
        await mute(grace, group)
    await mute(grace, groups[2], hours=1)

    names = {group.id: number for number, group in enumerate(groups)}

    async def numbers(query: str) -> list[int]:
        return [names[id] for id in await listed(grace, query)]

    assert await numbers("unread=false") == [5, 4, 3, 2, 1, 0]
    assert await numbers("unread=true") == [5, 4, 2, 1]
    assert await numbers("muted=true") == [4, 2, 1]
    assert await numbers("muted=false") == [5, 3, 0]
    assert await numbers("unread=true&muted=true") == [4, 2, 1]
    assert await numbers("unread=true&muted=false") == [5]
    assert await listed(ada, "unread=true") == []


async def test_a_mute_that_is_over_does_not_count(ada: Person, grace: Person) -> None:
    group = await start_group(ada, grace)
    await mute(ada, group, hours=1)
    assert await listed(ada, "muted=true") == [group.id]
    await ada.world.sql(
        "UPDATE conversation_members SET muted_until = now() - interval '1 second'"
        " WHERE conversation_id = %s AND user_id = %s",
        group.id,
        ada.id,
    )

    assert await listed(ada, "muted=true") == []
    assert await listed(ada, "muted=false") == [group.id]


async def test_a_cursor_belongs_to_its_filters(ada: Person) -> None:
    for _ in range(2):
        await mute(ada, await start_group(ada))
    page = (await ada.call("list_conversations", query="limit=1&muted=true")).body

    for query in ("", "&muted=false", "&unread=true&muted=true"):
        answer = await ada.call("list_conversations", query=f"cursor={page['next']}{query}")
        assert answer.refusal == (400, "invalid_cursor")


@pytest.mark.parametrize("query", ["unread=perhaps", "muted=", "unread=2", "limit=0"])
async def test_an_invalid_filter_is_refused(ada: Person, query: str) -> None:
    answer = await ada.call("list_conversations", query=query)
    assert answer.refusal == (422, "validation_failed")
