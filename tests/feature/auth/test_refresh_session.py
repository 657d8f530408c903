from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.feature.account import another_session
from tests.feature.world import PASSWORD, Answer, Person, World


async def refresh(world: World, token: str, *, many: bool = False) -> Answer:
    return await world.call("refresh_session", {"refresh_token": token}, many=many)


async def spent_long_ago(world: World, person: Person) -> None:
    await world.sql(
        """
        UPDATE refresh_tokens r SET used_at = used_at - interval '31 seconds'
        FROM sessions s WHERE s.id = r.session_id AND s.user_id = %s
        """,
        person.id,
    )


async def is_signed_in(world: World, pair: Any) -> bool:
    headers = {"authorization": f"Bearer {pair['access_token']}"}
    return (await world.call("show_me", headers=headers)).status == 200


async def test_a_refresh_replaces_both_tokens(world: World, ada: Person) -> None:
    assert (await ada.call("show_me")).status == 200
    pair = (await refresh(world, ada.refresh_token)).body

    assert not {pair["access_token"], pair["refresh_token"]} & {ada.access_token, ada.refresh_token}
    assert await is_signed_in(world, pair)


async def test_the_old_access_token_lives_on_for_the_grace_period(
    world: World, ada: Person
) -> None:
    """Another tab still uses it. Afterwards, and where Valkey has lost it, Postgres knows."""
    assert (await ada.call("show_me")).status == 200
    await refresh(world, ada.refresh_token)

    assert (await ada.call("show_me")).status == 200
    keys = [str(key) for key in world.valkey.scan_iter(f"session:{{{ada.id}}}:*")]
    assert [0 < int(str(world.valkey.pttl(key))) <= 30_000 for key in keys] == [True]
    world.valkey.delete(*keys)
    assert (await ada.call("show_me")).status == 200
    assert 0 < int(str(world.valkey.pttl(keys[0]))) <= 30_000
    world.valkey.delete(*keys)
    await world.sql("UPDATE sessions SET previous_access_until = now() WHERE user_id = %s", ada.id)
    assert (await ada.call("show_me")).refusal == (401, "invalid_token")


async def test_the_grace_period_ends_with_the_tokens_own_life(world: World, ada: Person) -> None:
    await world.sql("UPDATE sessions SET access_expires_at = now() WHERE user_id = %s", ada.id)
    assert (await refresh(world, ada.refresh_token)).status == 200

    assert (await ada.call("show_me")).status == 401


async def test_the_second_refresh_ends_the_first_access_token(world: World, ada: Person) -> None:
    second = (await refresh(world, ada.refresh_token)).body
    await refresh(world, second["refresh_token"])

    assert (await ada.call("show_me")).refusal == (401, "invalid_token")
    assert await is_signed_in(world, second)


@pytest.mark.parametrize("end", ["log_out", "revoke_sessions", "revoke_session", "change_password"])
@pytest.mark.parametrize("in_valkey", [True, False])
async def test_in_its_grace_period_an_access_token_ends_with_its_session(
    world: World, ada: Person, end: str, in_valkey: bool
) -> None:
    other = await another_session(world, ada)
    assert (await ada.call("show_me")).status == 200
    newest = world.signed_in(
        {"user": {"id": ada.id, "username": "", "email": ""}}
        | (await refresh(world, ada.refresh_token)).body
    )
    assert (await ada.call("show_me")).status == 200
    own = next(
        each for each in (await newest.call("list_sessions")).body["items"] if each["current"]
    )
    change = {"current_password": PASSWORD, "new_password": "staple battery horse"}
    match end:
        case "log_out":
            answer = await newest.call("log_out")
        case "revoke_sessions":
            answer = await other.call("revoke_sessions")
        case "revoke_session":
            answer = await other.call("revoke_session", id=own["id"])
        case _:
            answer = await other.call("change_password", change)
    assert answer.status == 204
    if not in_valkey:
        for key in world.valkey.scan_iter(f"session:{{{ada.id}}}:*"):
            world.valkey.delete(key)

    assert (await ada.call("show_me")).refusal == (401, "invalid_token")
    assert (await newest.call("show_me")).refusal == (401, "invalid_token")


async def test_a_repeated_refresh_returns_the_same_tokens(world: World, ada: Person) -> None:
    first = await refresh(world, ada.refresh_token)
    again = await refresh(world, ada.refresh_token)

    assert first.body == again.body
    assert await is_signed_in(world, again.body)


async def test_a_reuse_after_the_grace_period_ends_the_session(world: World, ada: Person) -> None:
    pair = (await refresh(world, ada.refresh_token)).body
    await spent_long_ago(world, ada)

    assert (await refresh(world, ada.refresh_token)).refusal == (401, "refresh_token_reused")
    assert not await is_signed_in(world, pair)
    assert (await refresh(world, pair["refresh_token"])).refusal == (401, "invalid_token")


async def test_a_reuse_after_the_successor_was_used_ends_the_session(
    world: World, ada: Person
) -> None:
    second = (await refresh(world, ada.refresh_token)).body
    third = (await refresh(world, second["refresh_token"])).body

    assert (await refresh(world, ada.refresh_token)).refusal == (401, "refresh_token_reused")
    assert not await is_signed_in(world, third)


async def test_a_reused_refresh_token_does_not_end_other_sessions(
    world: World, ada: Person
) -> None:
    login = {"login": ada.username, "password": "correct horse battery"}
    other = (await world.call("log_in", login)).body
    await refresh(world, ada.refresh_token)
    await spent_long_ago(world, ada)
    await refresh(world, ada.refresh_token)

    assert await is_signed_in(world, other)


async def test_twenty_concurrent_refreshes_return_the_same_tokens(
    world: World, ada: Person
) -> None:
    answers = await asyncio.gather(
        *(refresh(world, ada.refresh_token, many=True) for _ in range(20))
    )

    assert {answer.status for answer in answers} == {200}
    assert len({answer.body["refresh_token"] for answer in answers}) == 1
    assert await is_signed_in(world, answers[0].body)
    tokens = await world.sql(
        """
        SELECT count(*), count(used_at) FROM refresh_tokens r JOIN sessions s ON s.id = r.session_id
        WHERE s.user_id = %s
        """,
        ada.id,
    )
    assert tokens == [(2, 1)]


async def test_an_altered_refresh_token_is_refused(world: World, ada: Person) -> None:
    token = ada.refresh_token
    altered = [
        ada.access_token,
        token[:-1],
        token + "0",
        token[:-1] + ("0" if token[-1] != "0" else "1"),
        token.upper(),
        token.replace("cgr_", "cga_"),
        "",
        "_" * 3,
    ]
    for wrong in altered:
        assert (await refresh(world, wrong)).refusal == (401, "invalid_token"), wrong
    assert (await refresh(world, token)).status == 200


async def test_an_expired_session_cannot_be_refreshed(world: World, ada: Person) -> None:
    await world.sql("UPDATE sessions SET expires_at = now() WHERE user_id = %s", ada.id)

    assert (await refresh(world, ada.refresh_token)).refusal == (401, "invalid_token")
