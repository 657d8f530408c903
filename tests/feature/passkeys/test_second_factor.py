"""A passkey after the password, and in place of it to confirm a session."""

from __future__ import annotations

from typing import Any

from tests.feature.account import activate_app, reset_attempts
from tests.feature.api_tokens.people import age_session
from tests.feature.passkeys.holders import login_options, new_authenticator, with_passkey
from tests.feature.world import PASSWORD, Answer, Person, World

REQUIRED = (401, "second_factor_required")
INVALID = (401, "invalid_passkey")


async def log_in(world: World, person: Person, **fields: Any) -> Answer:
    body = {"login": person.username, "password": PASSWORD, **fields}
    return await world.call("log_in", body, address=person.address)


async def second_factor(world: World, authenticator: Any, purpose: str = "second_factor") -> str:
    return str(authenticator.get(await login_options(world, purpose)))


async def test_a_passkey_replaces_the_code_of_an_app(world: World, ada: Person) -> None:
    authenticator, app = await with_passkey(ada), await activate_app(ada)
    assert (await log_in(world, ada)).refusal == REQUIRED
    passkey = await second_factor(world, authenticator)
    assert (await log_in(world, ada, password="wrong", passkey=passkey)).status == 401
    assert (await log_in(world, ada, passkey=passkey)).status == 200
    assert (await log_in(world, ada, passkey=passkey)).refusal == INVALID
    assert (await log_in(world, ada, code=app.code(ahead=1))).status == 200


async def test_a_passkey_that_is_a_second_factor_is_asked_for(world: World, ada: Person) -> None:
    authenticator = await with_passkey(ada, second_factor=True)
    assert (await log_in(world, ada)).refusal == REQUIRED
    assert (await log_in(world, ada, code="123456")).refusal == REQUIRED
    authenticator.flags = 0x01  # without a PIN: the password is the other factor
    passkey = await second_factor(world, authenticator)
    assert (await log_in(world, ada, passkey=passkey)).status == 200


async def test_a_passkey_of_somebody_else_is_no_second_factor(
    world: World, ada: Person, eve: Person
) -> None:
    await with_passkey(ada, second_factor=True)
    hers = await with_passkey(eve)
    assert (await log_in(world, ada, passkey=await second_factor(world, hers))).refusal == INVALID
    hers.user_id = b""
    assert (await log_in(world, ada, passkey=await second_factor(world, hers))).refusal == INVALID
    first = await second_factor(world, new_authenticator(), "log_in")
    assert (await log_in(world, ada, passkey=first)).refusal == INVALID


async def test_wrong_passkeys_are_limited_as_codes_are(world: World, ada: Person) -> None:
    authenticator = await with_passkey(ada, second_factor=True)
    await reset_attempts(world, ada)
    answers = [await log_in(world, ada, passkey="{}") for _ in range(11)]
    assert {answer.refusal for answer in answers[:10]} == {INVALID}
    assert answers[10].refusal == (429, "rate_limited")
    await reset_attempts(world, ada)
    passkey = await second_factor(world, authenticator)
    assert (await log_in(world, ada, passkey=passkey)).status == 200


async def test_a_passkey_confirms_the_session_of_its_user(
    world: World, ada: Person, eve: Person
) -> None:
    authenticator = await with_passkey(ada, second_factor=True)
    for person in (ada, eve):
        await age_session(person)
    assert (await ada.call("confirm_session", {"password": PASSWORD})).refusal == REQUIRED
    body = {"passkey": await second_factor(world, authenticator, "confirm")}
    assert (await eve.call("confirm_session", body)).refusal == INVALID
    wrong = {"passkey": await second_factor(world, authenticator, "log_in")}
    assert (await ada.call("confirm_session", wrong)).refusal == INVALID
    body = {"passkey": await second_factor(world, authenticator, "confirm")}
    assert (await ada.call("confirm_session", body)).status == 204
    assert (await ada.call("start_passkey")).status == 200
    assert (await ada.call("confirm_session", {})).status == 422
    both = {**body, "password": PASSWORD}
    assert (await ada.call("confirm_session", both)).status == 422
