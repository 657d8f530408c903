from __future__ import annotations

from urllib.parse import parse_qs, unquote, urlsplit

from tests.feature.account import activate_app, log_in, reset_attempts
from tests.feature.world import PASSWORD, Person, World

OWN = {"password": PASSWORD}


async def test_set_up_returns_a_secret_for_an_authenticator_app(ada: Person) -> None:
    answer = await ada.call("set_up_totp", OWN)

    assert (answer.status, answer.body.keys()) == (200, {"secret", "uri"})
    uri = urlsplit(answer.body["uri"])
    fields = {name: values[0] for name, values in parse_qs(uri.query).items()}
    assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
    assert unquote(uri.path) == f"/CGraph:{ada.username}"
    assert (fields["secret"], fields["issuer"]) == (answer.body["secret"], "CGraph")
    assert len(answer.body["secret"]) == 32


async def test_set_up_requires_the_password(world: World, ada: Person) -> None:
    await reset_attempts(world, ada)
    assert (await ada.call("set_up_totp")).status == 422
    wrong = {"password": "wrong password"}
    answers = [await ada.call("set_up_totp", wrong) for _ in range(11)]

    assert {answer.refusal for answer in answers[:10]} == {(401, "invalid_credentials")}
    assert answers[10].refusal == (429, "rate_limited")
    assert (await log_in(world, ada)).status == 200, "a budget of the session"
    assert await world.sql("SELECT totp_secret FROM users WHERE id = %s", ada.id) == [(None,)]


async def test_an_active_second_factor_cannot_be_set_up_or_confirmed_again(
    world: World, ada: Person
) -> None:
    app = await activate_app(ada)

    assert (await ada.call("set_up_totp", OWN)).refusal == (409, "totp_active")
    answer = await ada.call("confirm_totp", {"code": app.code(ahead=1)})
    assert answer.refusal == (409, "totp_active")
    assert (await log_in(world, ada, code=app.code(ahead=1))).status == 200
