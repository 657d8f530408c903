from __future__ import annotations

import asyncio
import re
import zlib
from datetime import datetime, timedelta

import pytest

from tests.feature.account import another_session
from tests.feature.api_tokens.people import age_session, as_program, create_token, with_token
from tests.feature.world import Person, World

DRAFT = {"name": "a program", "scopes": ["profile:read"]}
MISSING = (403, "scope_missing")


async def test_a_token_does_what_its_scopes_allow_and_nothing_else(
    ada: Person, grace: Person
) -> None:
    conversation = await ada.converse(grace)
    reader = await with_token(ada, "messages:read", "profile:read")
    writer = await with_token(ada, "messages:write")
    message = {"conversation_id": conversation, "content": "hello"}

    assert (await reader.call("show_me")).body["username"] == ada.username
    assert (await reader.call("list_messages", id=conversation)).status == 200
    assert (await reader.call("send_message", message)).refusal == MISSING
    assert (await writer.call("send_message", message)).status == 201
    for function in ("show_me", "list_conversations", "list_notifications"):
        assert (await writer.call(function)).refusal == MISSING


async def test_a_token_never_acts_on_the_account_itself(world: World, ada: Person) -> None:
    every_scope = (await ada.call("create_api_token", {"name": "x", "scopes": ["none"]})).body
    scopes = re.findall(r"'([a-z]+:[a-z]+)'", str(every_scope["errors"]))
    assert len(scopes) > 15
    program = await with_token(ada, *scopes)
    password = {"current_password": "correct horse battery", "new_password": "another horse"}

    for function, body in {
        "create_api_token": DRAFT,
        "list_api_tokens": None,
        "change_password": password,
        "confirm_session": {"password": "correct horse battery"},
        "list_sessions": None,
        "revoke_sessions": None,
        "log_out": None,
        "set_up_totp": {"password": "correct horse battery"},
        "list_devices": None,
    }.items():
        assert (await program.call(function, body)).refusal == MISSING, function
    assert (await ada.call("show_me")).status == 200


async def test_a_token_has_a_form_that_scanners_recognise(ada: Person) -> None:
    token = (await create_token(ada, "profile:read"))["token"]

    prefix, pat, body = token.split("_")
    assert (prefix, pat) == ("cgraph", "pat")
    assert re.fullmatch(r"[0-9A-Za-z]{116}", body)
    assert int(body[-8:], 16) == zlib.crc32(body[:-8].encode())


async def test_a_stored_token_is_a_hash(world: World, ada: Person) -> None:
    created = await create_token(ada, "profile:read")
    ((row,),) = await world.sql("SELECT t::text FROM api_tokens t WHERE id = %s", created["id"])
    assert created["token"][56:-8] not in row


async def test_a_token_expires(world: World, ada: Person) -> None:
    created = await create_token(ada, "profile:read", expires_in_days=30)
    program = as_program(ada, created["token"])
    begin, end = (datetime.fromisoformat(created[name]) for name in ("created_at", "expires_at"))
    assert end - begin == timedelta(days=30)

    await world.sql("UPDATE api_tokens SET expires_at = now() WHERE id = %s", created["id"])
    assert (await program.call("show_me")).refusal == (401, "token_expired")


@pytest.mark.parametrize(
    "wrong",
    [
        {"scopes": []},
        {"scopes": ["auth:write"]},
        {"scopes": ["*"]},
        {"expires_in_days": 0},
        {"expires_in_days": 367},
        {"name": " "},
    ],
)
async def test_a_token_without_scopes_or_an_end_is_refused(
    ada: Person, wrong: dict[str, object]
) -> None:
    answer = await ada.call("create_api_token", {**DRAFT, **wrong})
    assert answer.refusal == (422, "validation_failed")


async def test_creating_one_needs_a_fresh_log_in(world: World, ada: Person) -> None:
    await age_session(ada)
    assert (await ada.call("create_api_token", DRAFT)).refusal == (403, "fresh_login_required")

    fresh = await another_session(world, ada)
    assert (await fresh.call("create_api_token", DRAFT)).status == 201
    assert (await ada.call("create_api_token", DRAFT)).refusal == (403, "fresh_login_required")


async def test_a_user_has_at_most_twenty_that_have_not_expired(world: World, ada: Person) -> None:
    answers = await asyncio.gather(
        *(ada.call("create_api_token", DRAFT, many=True) for _ in range(22))
    )
    assert sorted(answer.status for answer in answers) == [201] * 20 + [409] * 2
    refused = next(answer for answer in answers if answer.status == 409)
    assert refused.refusal == (409, "too_many_api_tokens")

    await world.sql("UPDATE api_tokens SET expires_at = now() WHERE user_id = %s", ada.id)
    assert (await ada.call("create_api_token", DRAFT)).status == 201


async def test_parts_of_tokens_are_no_token(ada: Person, grace: Person) -> None:
    hers = (await create_token(ada, "profile:read"))["token"]
    theirs = (await create_token(grace, "profile:read"))["token"]

    def resealed(body: str) -> str:
        return f"cgraph_pat_{body}{zlib.crc32(body.encode()):08x}"

    own, other = hers[11:-8], theirs[11:-8]
    for forged in (
        hers[:-1],
        hers[:-1] + ("0" if hers[-1] != "0" else "1"),
        resealed(other[:22] + own[22:]),
        resealed(own[:44] + other[44:]),
        resealed(own[:-1] + ("0" if own[-1] != "0" else "1")),
        f"cga_{own[:22]}_{own[22:44]}_{own[44:]}",
        f"{hers} ",
    )[:-1]:
        assert (await as_program(ada, forged).call("show_me")).refusal == (401, "invalid_token")
    of_session = ada.access_token.split("_")
    disguised = resealed("".join(of_session[1:]))
    assert (await as_program(ada, disguised).call("show_me")).refusal == (401, "invalid_token")


async def test_a_socket_has_the_scopes_of_the_token_that_opened_it(
    ada: Person, grace: Person
) -> None:
    conversation = await ada.converse(grace)
    message = {"conversation_id": conversation, "content": "hello", "nonce": "1"}
    assert (await (await with_token(ada, "messages:write")).call("make_ticket")).refusal == MISSING
    reader = await (await with_token(ada, "events:read")).open_socket()
    assert (await reader.say("hello"))["type"] == "hello"
    refused = await reader.say("send", message)
    assert (refused["ok"], refused["error"]["code"]) == (False, "scope_missing")
    writer = await (await with_token(ada, "events:read", "messages:write")).open_socket()
    assert (await writer.say("send", message))["ok"]
    assert (await (await ada.open_socket()).say("send", {**message, "nonce": "2"}))["ok"]


async def test_a_token_works_without_valkey(world: World, ada: Person) -> None:
    program = await with_token(ada, "profile:read")
    async with world.away("valkey"):
        assert (await program.call("show_me")).status == 200
        assert (await program.call("list_conversations")).refusal == MISSING
