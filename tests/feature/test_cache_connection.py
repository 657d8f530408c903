"""The connection to Valkey, in an environment of its own."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

from tests.feature.world import Person, World


def answers_around_an_error(key: str) -> tuple[str, list[Any]]:
    from redis.exceptions import ResponseError

    from cgraph.core.cache_connection import CacheConnection

    connection = CacheConnection()
    connection.exchange([("SET", key, "text", "EX", 60)])
    try:
        connection.exchange([("GET", key), ("INCR", key), ("STRLEN", key)])
    except ResponseError as error:
        return str(error), connection.exchange([("GET", key), ("HGETALL", f"{key} none")])
    raise AssertionError("Valkey added one to a text")


def answers_of_many(key: str) -> list[str]:
    from cgraph.core import cache, loop

    async def write(number: int) -> str:
        _, answer = await cache.run(
            ("SET", f"{key}{number}", str(number), "EX", 60), ("GET", f"{key}{number}")
        )
        return str(answer)

    async def all_at_once() -> list[str]:
        return await asyncio.gather(*map(write, range(20)))

    return loop.run(all_at_once())


async def test_after_an_error_the_next_answers_are_those_of_the_next_commands(world: World) -> None:
    error, answers = await world.run(answers_around_an_error, f"text-{uuid4()}")

    assert "not an integer" in error
    assert answers == ["text", {}]


async def test_concurrent_calls_get_their_own_answers(world: World) -> None:
    answers = await world.run(answers_of_many, f"many-{uuid4()}:")

    assert answers == [str(number) for number in range(20)]


async def test_a_connection_that_died_while_frozen_is_replaced(world: World, ada: Person) -> None:
    assert (await ada.call("show_me")).status == 200
    world.valkey.client_kill_filter(_type="normal", skipme=True)

    answer = await ada.call("show_me")

    assert answer.status == 200
    assert "ratelimit-remaining" in answer.headers
    assert int(answer.headers["ratelimit-remaining"]) > 200, "Valkey answered, not the fallback"
