from __future__ import annotations

import asyncio
import json
from typing import Any

import cbor2
import pytest

from tests.feature.api_tokens.people import age_session
from tests.feature.passkeys.holders import (
    log_in,
    new_authenticator,
    register,
    registration_options,
    with_passkey,
)
from tests.feature.world import Person, World

INVALID = (401, "invalid_passkey")


def draft(response: str) -> dict[str, str]:
    return {"name": "a phone", "response": response}


async def test_a_new_passkey_logs_in(world: World, ada: Person) -> None:
    authenticator = new_authenticator()
    answer = await register(ada, authenticator, name=" Phone ")

    assert answer.status == 201
    assert (answer.body["name"], answer.body["synced"]) == ("Phone", False)
    assert (answer.body["second_factor"], answer.body["last_used_at"]) == (False, None)
    logged_in = await log_in(world, authenticator)
    assert (logged_in.status, logged_in.body["user"]["id"]) == (200, ada.id)


@pytest.mark.parametrize(
    "changes",
    [
        {"origin": "https://example.org.evil.example"},
        {"origin": "http://chat.example.org"},
        {"domain": "evil.example"},
        {"flags": 0x01},  # the user was not verified
        {"flags": 0x04},  # the user was not present
        {"cross_origin": True},
    ],
    ids=str,
)
async def test_a_passkey_of_another_site_or_without_its_user_is_refused(
    ada: Person, changes: dict[str, Any]
) -> None:
    answer = await register(ada, new_authenticator(**changes))
    assert answer.refusal == INVALID
    assert (await ada.call("list_passkeys")).body["items"] == []


async def test_a_challenge_is_good_once_and_for_its_user_only(ada: Person, eve: Person) -> None:
    options = await registration_options(ada)
    stolen = draft(new_authenticator().create(options))
    assert (await eve.call("create_passkey", stolen)).refusal == INVALID
    assert (await ada.call("create_passkey", stolen)).refusal == INVALID, "eve has spent it"

    response = draft(new_authenticator().create(await registration_options(ada)))
    assert (await ada.call("create_passkey", response)).status == 201
    assert (await ada.call("create_passkey", response)).refusal == INVALID


async def test_a_challenge_of_a_log_in_registers_nothing(world: World, ada: Person) -> None:
    options = await registration_options(ada)
    login = (await world.call("start_passkey_login", {})).body["public_key"]
    response = new_authenticator().create({**options, "challenge": login["challenge"]})
    assert (await ada.call("create_passkey", draft(response))).refusal == INVALID


async def test_a_passkey_cannot_be_registered_by_somebody_else_too(
    ada: Person, eve: Person
) -> None:
    authenticator = await with_passkey(ada)
    answer = await register(eve, new_authenticator(credential_id=authenticator.credential_id))
    assert answer.refusal == (409, "passkey_exists")


async def test_a_user_has_at_most_twenty(world: World, ada: Person) -> None:
    challenges = [await registration_options(ada) for _ in range(22)]
    answers = await asyncio.gather(
        *(
            ada.call("create_passkey", draft(new_authenticator().create(each)), many=True)
            for each in challenges
        )
    )
    assert sorted(answer.status for answer in answers) == [201] * 20 + [409] * 2


async def test_adding_one_needs_a_fresh_log_in(ada: Person) -> None:
    response = draft(new_authenticator().create(await registration_options(ada)))
    await age_session(ada)
    assert (await ada.call("create_passkey", response)).refusal == (403, "fresh_login_required")


async def test_what_is_no_response_is_refused(ada: Person) -> None:
    good = json.loads(new_authenticator().create(await registration_options(ada)))
    texts = ["{}", "[]", "null", "1", '"', "[" * 10_000, '{"response": 1}', '{"response": {}}']
    for name, value in (
        ("clientDataJSON", "e30"),
        ("clientDataJSON", "\u00e9"),
        ("attestationObject", ""),
        ("attestationObject", "/w"),
        ("attestationObject", "gICAgA"),
        ("attestationObject", None),
        ("attestationObject", "n" + "5+f" * 500),
    ):
        options = await registration_options(ada)
        document = json.loads(new_authenticator().create(options))
        document["response"][name] = value
        texts.append(json.dumps(document))
    nested = cbor2.dumps({"fmt": "tpm", "attStmt": {"x5c": [b"\x30"]}, "authData": b"\0" * 37})
    texts.append(json.dumps({**good, "response": {"attestationObject": nested.hex()}}))
    for text in texts:
        assert (await ada.call("create_passkey", draft(text))).refusal == INVALID, text
