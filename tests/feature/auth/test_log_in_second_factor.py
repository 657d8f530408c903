"""Logging in to an account that has a second factor."""

from __future__ import annotations

import asyncio
from collections import Counter
from uuid import uuid4

import pytest

from tests.feature.account import activate_app, log_in, reset_attempts, set_up_app
from tests.feature.world import Person, World

INVALID = (401, "invalid_code")


async def test_a_log_in_with_the_right_password_requires_a_code(world: World, ada: Person) -> None:
    app = await activate_app(ada)

    assert (await log_in(world, ada)).refusal == (401, "second_factor_required")
    assert (await log_in(world, ada, code=app.wrong_code())).refusal == INVALID
    answer = await log_in(world, ada, code=app.code(ahead=1))
    assert (answer.status, answer.body["user"]["totp"]) == (200, True)
    assert (await world.signed_in(answer.body).call("show_me")).status == 200


async def test_a_wrong_password_does_not_reveal_the_second_factor(
    world: World, ada: Person, grace: Person
) -> None:
    app = await activate_app(ada)
    wrong = [
        await log_in(world, person, password="wrong password", **code)
        for person in (ada, grace)
        for code in ({}, {"code": app.wrong_code()}, {"code": app.code(ahead=1)})
    ]

    assert {answer.refusal for answer in wrong} == {(401, "invalid_credentials")}
    assert len({str(answer.body) for answer in wrong}) == 1
    assert (await log_in(world, ada, code=app.code(ahead=1))).status == 200, (
        "the code was not used up"
    )
    assert (await log_in(world, grace, code="123456")).status == 200, (
        "an account without a second factor requires no code"
    )


async def test_a_totp_code_is_valid_once(world: World, ada: Person) -> None:
    app = await set_up_app(ada)
    first, second = app.code(), app.code(ahead=1)
    assert (await ada.call("confirm_totp", {"code": first})).status == 200

    assert (await log_in(world, ada, code=first)).refusal == INVALID
    assert (await log_in(world, ada, code=second)).status == 200
    assert (await log_in(world, ada, code=second)).refusal == INVALID
    assert (await log_in(world, ada, code=first)).refusal == INVALID, "nor is one before it"
    assert (await ada.call("remove_totp", {"code": second})).refusal == INVALID


@pytest.mark.parametrize("kind", ["by time", "backup"])
async def test_a_code_is_valid_once_among_concurrent_log_ins(
    world: World, ada: Person, kind: str
) -> None:
    app = await activate_app(ada)
    code = app.code(ahead=1) if kind == "by time" else app.backup_codes[0]
    answers = await asyncio.gather(*(log_in(world, ada, code=code, many=True) for _ in range(4)))

    assert sorted(answer.status for answer in answers) == [200, 401, 401, 401]


async def test_a_totp_code_is_valid_within_one_time_step(world: World, ada: Person) -> None:
    app = await activate_app(ada)
    for ahead in (-3, -2, 3):
        assert (await log_in(world, ada, code=app.code(ahead=ahead))).refusal == INVALID
    await world.sql("UPDATE users SET totp_step = 0 WHERE id = %s", ada.id)

    assert (await log_in(world, ada, code=app.code())).status == 200


async def test_each_backup_code_is_valid_once_however_it_is_typed(
    world: World, ada: Person, eve: Person
) -> None:
    app, other = await activate_app(ada), await activate_app(eve)
    first, second, *_ = app.backup_codes

    assert (await log_in(world, ada, code=other.backup_codes[0])).refusal == INVALID
    assert (await log_in(world, ada, code=first)).status == 200
    assert (await log_in(world, ada, code=first)).refusal == INVALID
    typed = second.replace("-", " ").lower()
    assert (await log_in(world, ada, code=f" {typed} ")).status == 200
    stored = await world.sql("SELECT count(*) FROM backup_codes WHERE user_id = %s", ada.id)
    assert stored == [(8,)]


async def test_guesses_at_a_code_do_not_keep_the_owner_out(world: World, ada: Person) -> None:
    """Neither from one address nor from many, though the guesser knows the password."""
    app = await activate_app(ada)
    outcomes = Counter[int]()
    for number in range(60):
        address = f"203.0.113.{number % 20}"
        answer = await log_in(world, ada, code=app.wrong_code(), address=address)
        outcomes[answer.status] += 1

    assert outcomes == {401: 14, 429: 46}
    right = {"code": app.code(ahead=1)}
    assert (await log_in(world, ada, **right, address="203.0.113.99")).status == 429
    assert (await log_in(world, ada, code=app.backup_codes[0])).status == 200
    assert (await ada.call("remove_totp", right)).status == 204


async def test_an_address_has_ten_wrong_codes(world: World, ada: Person) -> None:
    app = await activate_app(ada)
    answers = [await log_in(world, ada, code=app.wrong_code()) for _ in range(12)]

    assert [answer.status for answer in answers] == [401] * 10 + [429] * 2
    assert (await log_in(world, ada, code=app.code(ahead=1))).refusal == (429, "rate_limited")


async def test_an_unusual_code_is_refused_as_wrong(world: World, ada: Person) -> None:
    await activate_app(ada)
    for code in ("\0", " ", "-", "١٢٣٤٥٦", "\uff11" * 6, "' OR 1=1", str(uuid4())):
        await reset_attempts(world, ada)
        assert (await log_in(world, ada, code=code)).refusal == INVALID, code
