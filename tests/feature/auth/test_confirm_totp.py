from __future__ import annotations

import asyncio

import pytest
from psycopg.sql import SQL, Identifier

from tests.feature.account import activate_app, log_in, set_up_app
from tests.feature.world import Person, World

INVALID = (401, "invalid_code")


async def has_totp(person: Person) -> bool:
    return bool((await person.call("show_me")).body["totp"])


async def test_a_log_in_requires_no_code_until_the_second_factor_is_confirmed(
    world: World, ada: Person
) -> None:
    await set_up_app(ada)
    assert not await has_totp(ada)
    assert (await log_in(world, ada)).status == 200
    replaced, app = await set_up_app(ada), await set_up_app(ada)

    wrong = {"code": replaced.code()}
    assert replaced.code() == app.code() or (
        (await ada.call("confirm_totp", wrong)).refusal == INVALID
    )
    answer = await ada.call("confirm_totp", {"code": app.code()})
    assert (answer.status, answer.body.keys()) == (200, {"backup_codes"})
    assert len(set(answer.body["backup_codes"])) == 10
    assert await has_totp(ada)


async def test_attempts_to_confirm_the_second_factor_are_limited(ada: Person) -> None:
    app = await set_up_app(ada)
    wrong = {"code": app.wrong_code()}
    answers = [await ada.call("confirm_totp", wrong) for _ in range(11)]

    assert [answer.status for answer in answers] == [401] * 10 + [429]
    assert not await has_totp(ada)


async def test_one_of_several_concurrent_confirmations_returns_backup_codes(
    world: World, ada: Person
) -> None:
    code = {"code": (await set_up_app(ada)).code()}
    answers = await asyncio.gather(*(ada.call("confirm_totp", code, many=True) for _ in range(4)))

    assert [answer.status for answer in answers].count(200) == 1
    assert {answer.status for answer in answers} <= {200, 401, 409}
    stored = await world.sql("SELECT count(*) FROM backup_codes WHERE user_id = %s", ada.id)
    assert stored == [(10,)]


async def test_secrets_and_backup_codes_are_not_stored_readable_elsewhere(
    world: World, ada: Person
) -> None:
    app = await activate_app(ada)
    for table in ("backup_codes", "events", "sessions"):
        rows = await world.sql(SQL("SELECT t::text FROM {} t").format(Identifier(table)))
        text = str(rows)
        for secret in (app.secret, *app.backup_codes):
            assert secret not in text
            assert secret.replace("-", "") not in text


async def test_a_second_factor_that_was_not_set_up_cannot_be_confirmed_or_removed(
    ada: Person,
) -> None:
    missing = (409, "totp_not_set_up")
    code = {"code": "123456"}

    assert (await ada.call("confirm_totp", code)).refusal == missing
    assert (await ada.call("remove_totp", code)).refusal == missing
    await set_up_app(ada)
    assert (await ada.call("remove_totp", code)).refusal == missing


@pytest.mark.parametrize("code", ["", "x" * 41, None, ["123456"], 123456, "\ud800"])
async def test_an_invalid_code_is_refused_and_named(ada: Person, code: object) -> None:
    for answer in (
        await ada.call("confirm_totp", {"code": code}),
        await ada.call("remove_totp", {"code": code}),
    ):
        assert answer.refusal == (422, "validation_failed")
        assert [error["field"] for error in answer.body["errors"]] == ["code"]
