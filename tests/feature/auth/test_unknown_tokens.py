"""Tokens that may be forged: the address pays for them, before Postgres is asked."""

from __future__ import annotations

import time
from collections import Counter
from uuid import uuid4

import pytest

from cgraph.core.ids import SessionId, UserId
from cgraph.core.tokens import Kind, new_token
from tests.feature.environment import answer_frame
from tests.feature.world import Answer, Person, World

ADDRESS = "198.51.100.7"


def forged(kind: Kind) -> str:
    return str(new_token(kind, user_id=UserId(uuid4()), session_id=SessionId(uuid4())))


def forget_addresses(world: World) -> None:
    for key in world.valkey.scan_iter("limit:{address:*"):
        world.valkey.delete(key)


async def statements(world: World) -> int:
    rows = await world.sql(
        """
        SELECT coalesce(sum(calls), 0)::bigint FROM pg_stat_statements
        WHERE userid = 'cgraph'::regrole
        """
    )
    return int(rows[0][0])


async def show_me(world: World, token: str, *, address: str = ADDRESS) -> Answer:
    headers = {"authorization": f"Bearer {token}"}
    return await world.call("show_me", headers=headers, address=address)


async def refresh(world: World, token: str, *, address: str = ADDRESS) -> Answer:
    return await world.call("refresh_session", {"refresh_token": token}, address=address)


@pytest.mark.parametrize("kind", [Kind.ACCESS, Kind.REFRESH])
async def test_100_forged_tokens_cost_a_few_statements(world: World, kind: Kind) -> None:
    forget_addresses(world)
    send = show_me if kind is Kind.ACCESS else refresh
    before, began = await statements(world), time.monotonic()
    answers = [await send(world, forged(kind)) for _ in range(100)]
    refilled = (time.monotonic() - began) / 3 + 1
    asked = await statements(world) - before

    codes = Counter(answer.body["code"] for answer in answers)
    assert codes.keys() == {"invalid_token", "rate_limited"}
    assert 10 <= codes["invalid_token"] <= 10 + refilled, "ten, and one in three seconds"
    assert asked <= codes["invalid_token"] * 2
    assert (await send(world, forged(kind), address="198.51.100.8")).status == 401


async def test_forged_tickets_are_limited_by_address(world: World, ada: Person) -> None:
    forget_addresses(world)
    before, began = await statements(world), time.monotonic()
    outcomes = Counter(
        [await connect(world, forged(Kind.TICKET)) for _ in range(30)],
    )

    assert outcomes.keys() == {401, 429}
    assert 10 <= outcomes[401] <= 11 + (time.monotonic() - began) / 3
    assert await statements(world) == before
    ticket = (await ada.call("make_ticket")).body["ticket"]
    assert await connect(world, ticket) == 200, "an issued ticket is not counted"


async def test_who_forges_tokens_does_not_keep_others_at_the_address_out(
    world: World, ada: Person
) -> None:
    forget_addresses(world)
    assert (await show_me(world, ada.access_token)).status == 200
    for _ in range(15):
        await show_me(world, forged(Kind.ACCESS))
    assert (await show_me(world, forged(Kind.ACCESS))).status == 429

    (session,) = world.valkey.scan_iter(f"session:{{{ada.id}}}:*")
    world.valkey.delete(session)
    assert (await show_me(world, ada.access_token)).status == 200, "its session is not in Valkey"
    pair = (await refresh(world, ada.refresh_token)).body
    assert (await show_me(world, pair["access_token"])).status == 200


async def test_valid_tokens_that_valkey_has_lost_are_not_counted(world: World, ada: Person) -> None:
    forget_addresses(world)
    for _ in range(12):
        for key in world.valkey.scan_iter(f"*:{{{ada.id}}}:*"):
            world.valkey.delete(key)
        assert (await show_me(world, ada.access_token)).status == 200
    pair = {"refresh_token": ada.refresh_token}
    for _ in range(12):
        for key in world.valkey.scan_iter(f"*:{{{ada.id}}}:*"):
            world.valkey.delete(key)
        answer = await refresh(world, pair["refresh_token"])
        assert answer.status == 200
        pair = answer.body


async def test_an_expired_token_is_read_from_postgres_once(world: World, ada: Person) -> None:
    forget_addresses(world)
    await world.sql("UPDATE sessions SET access_expires_at = now() WHERE user_id = %s", ada.id)
    assert (await show_me(world, ada.access_token)).refusal == (401, "token_expired")
    before = await statements(world)
    answers = [await show_me(world, ada.access_token) for _ in range(20)]

    assert {answer.refusal for answer in answers} == {(401, "token_expired")}
    assert await statements(world) == before


async def test_a_token_in_valkey_is_not_used_beyond_its_end(world: World, ada: Person) -> None:
    await world.sql(
        "UPDATE sessions SET access_expires_at = now() + interval '20 s' WHERE user_id = %s", ada.id
    )
    assert (await show_me(world, ada.access_token)).status == 200
    (session,) = world.valkey.scan_iter(f"session:{{{ada.id}}}:*")

    assert 0 < int(str(world.valkey.ttl(session))) <= 20


async def connect(world: World, ticket: str) -> int:
    event = {
        "requestContext": {
            "connectionId": f"socket-{uuid4().hex}",
            "identity": {"sourceIp": ADDRESS},
        },
        "queryStringParameters": {"ticket": ticket},
    }
    return int((await world.run(answer_frame, "connect", event))["statusCode"])
