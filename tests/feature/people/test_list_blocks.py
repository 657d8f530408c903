from __future__ import annotations

import asyncio
from typing import Any

import pytest

from cgraph.accounts.people.models import User
from tests.feature.world import Person, World


async def list_all(person: Person, *, limit: int) -> list[Any]:
    """The items of all pages."""
    items: list[Any] = []
    query = f"limit={limit}"
    while True:
        page = (await person.call("list_blocks", query=query)).body
        assert len(page["items"]) <= limit
        items += page["items"]
        if page["next"] is None:
            return items
        query = f"limit={limit}&cursor={page['next']}"


async def test_blocked_users_are_listed_last_blocked_first(world: World, ada: Person) -> None:
    people = await asyncio.gather(*(world.new_person("one") for _ in range(5)))
    for person in people:
        await ada.call("block_user", user_id=person.id)

    for limit in (1, 2, 5, 100):
        names = [user["username"] for user in await list_all(ada, limit=limit)]
        assert names == [person.username for person in reversed(people)]
    await ada.call("unblock_user", user_id=people[2].id)
    (first, *rest) = await list_all(ada, limit=100)
    shown = (await ada.call("show_user", username=people[4].username)).body
    assert shown == {**first, "karma": 0}
    assert len(rest) == 3


async def test_blocks_of_the_same_time_are_listed_by_id(world: World, ada: Person) -> None:
    people = await asyncio.gather(*(world.new_person("one") for _ in range(4)))
    for person in people:
        await ada.call("block_user", user_id=person.id)
    await world.sql("UPDATE blocks SET created_at = '2026-01-01' WHERE user_id = %s", ada.id)
    ids = [user["id"] for user in await list_all(ada, limit=1)]

    assert ids == sorted((person.id for person in people), reverse=True)


async def test_only_blocks_of_the_caller_are_listed(ada: Person, grace: Person) -> None:
    await ada.call("block_user", user_id=grace.id)

    assert await list_all(grace, limit=10) == []


@pytest.mark.parametrize("cursor", ["x", "AAAA", "%00", "bm9uZQ=="])
async def test_an_invalid_cursor_of_blocks_is_refused(ada: Person, cursor: str) -> None:
    answer = await ada.call("list_blocks", query=f"cursor={cursor}")

    assert answer.refusal == (400, "invalid_cursor")


async def test_a_listed_blocked_user_is_what_the_model_describes(
    ada: Person, grace: Person
) -> None:
    """Nothing validates the JSON that Postgres writes."""
    await ada.call("block_user", user_id=grace.id)
    (item,) = await list_all(ada, limit=10)

    assert User.model_validate(item).model_dump(mode="json") == item
