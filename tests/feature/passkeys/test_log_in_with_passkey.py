from __future__ import annotations

import asyncio
import json
from copy import copy
from typing import Any

import pytest

from tests.feature.account import activate_app
from tests.feature.passkeys.holders import (
    log_in,
    login_options,
    new_authenticator,
    with_passkey,
)
from tests.feature.world import Person, World

INVALID = (401, "invalid_passkey")


async def test_a_passkey_alone_begins_a_session_also_with_a_second_factor(
    world: World, ada: Person
) -> None:
    authenticator = await with_passkey(ada)
    await activate_app(ada)
    answer = await log_in(world, authenticator)

    assert answer.status == 200
    session = world.signed_in(answer.body)
    assert (await session.call("show_me")).body["id"] == ada.id
    assert len((await session.call("list_sessions")).body["items"]) == 2
    (passkey,) = (await session.call("list_passkeys")).body["items"]
    assert passkey["last_used_at"] is not None


@pytest.mark.parametrize(
    "changes",
    [
        {"origin": "https://evil.example"},
        {"domain": "evil.example"},
        {"flags": 0x01},
        {"flags": 0x04},
        {"cross_origin": True},
        {"key": new_authenticator().key},
        {"credential_id": bytes(32)},
        {"user_id": bytes(16)},
        {"user_id": b""},
    ],
    ids=lambda changes: next(iter(changes)),
)
async def test_a_response_for_another_site_or_by_another_passkey_is_refused(
    world: World, ada: Person, changes: dict[str, Any]
) -> None:
    authenticator = await with_passkey(ada)
    changed = copy(authenticator)
    for name, value in changes.items():
        setattr(changed, name, value)
    assert (await log_in(world, changed)).refusal == INVALID
    assert (await log_in(world, authenticator)).status == 200


async def test_a_response_is_good_once(world: World, ada: Person) -> None:
    authenticator = await with_passkey(ada)
    login = {"response": authenticator.get(await login_options(world))}
    answers = await asyncio.gather(
        *(world.call("log_in_with_passkey", login, many=True) for _ in range(4))
    )
    assert sorted(answer.status for answer in answers) == [200, 401, 401, 401]


async def test_a_challenge_of_another_purpose_or_of_nobody_is_refused(
    world: World, ada: Person
) -> None:
    authenticator = await with_passkey(ada)
    for purpose in ("second_factor", "confirm"):
        assert (await log_in(world, authenticator, purpose)).refusal == INVALID
    made_up = authenticator.get({"challenge": "A" * 43})
    answer = await world.call("log_in_with_passkey", {"response": made_up})
    assert answer.refusal == INVALID
    assert (await world.call("start_passkey_login", {"purpose": "register"})).status == 422


async def test_a_passkey_of_somebody_else_opens_only_their_account(
    world: World, ada: Person, eve: Person
) -> None:
    hers = await with_passkey(eve)
    hers.user_id = (await with_passkey(ada)).user_id
    assert (await log_in(world, hers)).refusal == INVALID


async def test_a_copied_authenticator_is_noticed_by_its_counter(world: World, ada: Person) -> None:
    authenticator = await with_passkey(ada)
    copied = copy(authenticator)
    for _ in range(2):
        assert (await log_in(world, authenticator)).status == 200
    assert (await log_in(world, copied)).refusal == INVALID
    copied.count = 10
    assert (await log_in(world, copied)).status == 200, "nothing tells which one is the copy"
    assert (await log_in(world, authenticator)).refusal == INVALID


async def test_an_authenticator_that_does_not_count_is_accepted(world: World, ada: Person) -> None:
    authenticator = await with_passkey(ada)
    for _ in range(2):
        authenticator.count = -1
        assert (await log_in(world, authenticator)).status == 200


async def test_each_part_of_a_response_is_signed(world: World, ada: Person) -> None:
    authenticator = await with_passkey(ada)
    for name in ("clientDataJSON", "authenticatorData", "signature"):
        document = json.loads(authenticator.get(await login_options(world)))
        part = document["response"][name]
        middle = len(part) // 2
        flipped = "A" if part[middle] != "A" else "B"
        document["response"][name] = part[:middle] + flipped + part[middle + 1 :]
        answer = await world.call("log_in_with_passkey", {"response": json.dumps(document)})
        assert answer.refusal == INVALID, name
