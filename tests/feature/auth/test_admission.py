"""The start of each request: authentication and rate limits."""

from __future__ import annotations

import time

import pytest

from tests.feature.world import Answer, Person, World


def session_keys(world: World, person: Person) -> list[str]:
    return [str(key) for key in world.valkey.scan_iter(f"session:{{{person.id}}}:*")]


async def ask_with(world: World, authorization: str) -> Answer:
    return await world.call("show_me", headers={"authorization": authorization})


async def test_a_request_without_a_bearer_token_is_refused(world: World, ada: Person) -> None:
    assert (await world.call("show_me")).refusal == (401, "authentication_required")
    for scheme in ("", "Basic ", "Bearer"):
        answer = await ask_with(world, scheme + ada.access_token)
        assert answer.refusal == (401, "authentication_required")
        assert answer.headers["www-authenticate"] == "Bearer"
    assert (await ask_with(world, f"bearer  {ada.access_token} ")).status == 200


@pytest.mark.parametrize("part", range(4))
async def test_an_access_token_with_a_changed_part_is_refused(
    world: World, ada: Person, eve: Person, part: int
) -> None:
    parts, others = ada.access_token.split("_"), eve.refresh_token.split("_")
    parts[part] = others[part]

    assert (await ask_with(world, f"Bearer {'_'.join(parts)}")).refusal == (401, "invalid_token")


async def test_an_expired_access_token_is_refused_as_expired(world: World, ada: Person) -> None:
    await world.sql("UPDATE sessions SET access_expires_at = now() WHERE user_id = %s", ada.id)

    assert (await ada.call("show_me")).refusal == (401, "token_expired")


async def test_a_session_missing_in_valkey_is_restored_from_postgres(
    world: World, ada: Person
) -> None:
    await ada.call("show_me")
    (key,) = session_keys(world, ada)
    assert ada.access_token not in key
    world.valkey.delete(key)

    assert (await ada.call("show_me")).status == 200
    assert session_keys(world, ada) == [key]
    assert 0 < int(str(world.valkey.ttl(key))) <= 300


async def test_without_valkey_sessions_are_read_from_postgres_and_limits_are_local(
    world: World, ada: Person, eve: Person
) -> None:
    await eve.call("log_out")
    async with world.away("valkey"):
        began, allowed = time.monotonic(), 0
        while (answer := await ada.call("show_me")).status == 200:
            allowed += 1
        seconds = time.monotonic() - began
        ended = await eve.call("show_me")

    assert answer.status == 429
    assert 300 // 8 <= allowed <= 300 // 8 * (1 + seconds / 60) + 5
    assert ended.refusal == (401, "invalid_token")
    assert (await ada.call("show_me")).headers["ratelimit-remaining"] == "299"


async def test_dead_connections_to_postgres_and_valkey_are_replaced(
    world: World, ada: Person
) -> None:
    await ada.call("show_me")
    await world.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'cgraph'"
    )
    world.valkey.client_kill_filter(_type="normal", skipme=True)

    assert (await ada.call("show_me")).status == 200


async def test_without_postgres_a_request_is_refused_as_database_unavailable(
    world: World, ada: Person
) -> None:
    async with world.away("postgres"):
        answer = await ada.call("show_me")

    assert answer.refusal == (503, "database_unavailable")
    assert answer.headers["retry-after"] in ("1", "2")
    assert (await ada.call("show_me")).status == 200
