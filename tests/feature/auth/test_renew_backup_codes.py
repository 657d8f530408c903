"""New backup codes end the earlier ones, and a stolen access token cannot get any."""

from __future__ import annotations

from tests.feature.account import activate_app, log_in
from tests.feature.world import PASSWORD, Person, World


async def test_the_new_codes_count_and_the_earlier_ones_end(world: World, ada: Person) -> None:
    app = await activate_app(ada)
    body = {"password": PASSWORD, "code": app.code(ahead=1)}
    answer = await ada.call("renew_backup_codes", body)
    assert (answer.status, len(answer.body["backup_codes"])) == (200, 10)
    assert not set(app.backup_codes) & set(answer.body["backup_codes"])
    earlier = await log_in(world, ada, code=app.backup_codes[0])
    assert earlier.refusal == (401, "invalid_code")
    assert (await log_in(world, ada, code=answer.body["backup_codes"][0])).status == 200


async def test_a_backup_code_may_renew_them(ada: Person) -> None:
    app = await activate_app(ada)
    body = {"password": PASSWORD, "code": app.backup_codes[3]}
    assert (await ada.call("renew_backup_codes", body)).status == 200


async def test_password_and_code_must_be_right(world: World, ada: Person) -> None:
    app = await activate_app(ada)
    wrong_password = {"password": "not the password", "code": app.code(ahead=1)}
    answer = await ada.call("renew_backup_codes", wrong_password)
    assert answer.refusal == (401, "invalid_credentials")
    wrong_code = {"password": PASSWORD, "code": app.wrong_code()}
    assert (await ada.call("renew_backup_codes", wrong_code)).refusal == (401, "invalid_code")
    assert (await log_in(world, ada, code=app.backup_codes[0])).status == 200


async def test_without_a_second_factor_there_are_none(ada: Person) -> None:
    body = {"password": PASSWORD, "code": "123456"}
    assert (await ada.call("renew_backup_codes", body)).refusal == (409, "totp_not_set_up")
