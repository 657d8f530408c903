"""Set up, confirmed, asked for at a log-in, removed."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import uuid4

import pytest
from psycopg.sql import SQL, Identifier

from tests.feature.auth.devices import active_app, forget_tries, log_in, new_app
from tests.feature.world import PASSWORD, Person, World

INVALID = (401, "invalid_code")
OWN = {"password": PASSWORD}


async def has_totp(person: Person) -> bool:
    return bool((await person.call("show_me")).body["totp"])


async def test_a_secret_for_an_app_to_read(ada: Person) -> None:
    answer = await ada.call("set_up_totp", OWN)

    assert (answer.status, answer.body.keys()) == (200, {"secret", "uri"})
    uri = urlsplit(answer.body["uri"])
    fields = {name: values[0] for name, values in parse_qs(uri.query).items()}
    assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
    assert unquote(uri.path) == f"/CGraph:{ada.username}"
    assert (fields["secret"], fields["issuer"]) == (answer.body["secret"], "CGraph")
    assert len(answer.body["secret"]) == 32


async def test_a_stolen_token_sets_up_nothing(world: World, ada: Person) -> None:
    await forget_tries(world, ada)
    assert (await ada.call("set_up_totp")).status == 422
    wrong = {"password": "wrong password"}
    answers = [await ada.call("set_up_totp", wrong) for _ in range(6)]
    answers += [await log_in(world, ada, **wrong) for _ in range(5)]

    assert {answer.refusal for answer in answers[:10]} == {(401, "invalid_credentials")}
    assert answers[10].refusal == (429, "rate_limited"), "one budget with log-ins"
    assert await world.sql("SELECT totp_secret FROM users WHERE id = %s", ada.id) == [(None,)]


async def test_nothing_is_asked_for_until_it_is_confirmed(world: World, ada: Person) -> None:
    await new_app(ada)
    assert not await has_totp(ada)
    assert (await log_in(world, ada)).status == 200
    replaced, app = await new_app(ada), await new_app(ada)

    wrong = {"code": replaced.code()}
    assert replaced.code() == app.code() or (
        (await ada.call("confirm_totp", wrong)).refusal == INVALID
    )
    answer = await ada.call("confirm_totp", {"code": app.code()})
    assert (answer.status, answer.body.keys()) == (200, {"backup_codes"})
    assert len(set(answer.body["backup_codes"])) == 10
    assert await has_totp(ada)


async def test_after_the_right_password_a_code(world: World, ada: Person) -> None:
    app = await active_app(ada)

    assert (await log_in(world, ada)).refusal == (401, "second_factor_required")
    assert (await log_in(world, ada, code=app.wrong_code())).refusal == INVALID
    answer = await log_in(world, ada, code=app.code(ahead=1))
    assert (answer.status, answer.body["user"]["totp"]) == (200, True)
    assert (await world.signed_in(answer.body).call("show_me")).status == 200


async def test_before_the_right_password_nothing_is_told(
    world: World, ada: Person, grace: Person
) -> None:
    app = await active_app(ada)
    wrong = [
        await log_in(world, person, password="wrong password", **code)
        for person in (ada, grace)
        for code in ({}, {"code": app.wrong_code()}, {"code": app.code(ahead=1)})
    ]

    assert {answer.refusal for answer in wrong} == {(401, "invalid_credentials")}
    assert len({str(answer.body) for answer in wrong}) == 1
    assert (await log_in(world, ada, code=app.code(ahead=1))).status == 200, "it was not spent"
    assert (await log_in(world, grace, code="123456")).status == 200, "where none is asked for"


async def test_a_code_is_good_once(world: World, ada: Person) -> None:
    app = await new_app(ada)
    first, second = app.code(), app.code(ahead=1)
    assert (await ada.call("confirm_totp", {"code": first})).status == 200

    assert (await log_in(world, ada, code=first)).refusal == INVALID
    assert (await log_in(world, ada, code=second)).status == 200
    assert (await log_in(world, ada, code=second)).refusal == INVALID
    assert (await log_in(world, ada, code=first)).refusal == INVALID, "nor is one before it"
    assert (await ada.call("remove_totp", {"code": second})).refusal == INVALID


@pytest.mark.parametrize("kind", ["by time", "backup"])
async def test_a_code_is_good_once_for_several_at_once(
    world: World, ada: Person, kind: str
) -> None:
    app = await active_app(ada)
    code = app.code(ahead=1) if kind == "by time" else app.backup_codes[0]
    answers = await asyncio.gather(*(log_in(world, ada, code=code, many=True) for _ in range(4)))

    assert sorted(answer.status for answer in answers) == [200, 401, 401, 401]


async def test_a_window_of_one_step(world: World, ada: Person) -> None:
    app = await active_app(ada)
    for ahead in (-3, -2, 3):
        assert (await log_in(world, ada, code=app.code(ahead=ahead))).refusal == INVALID
    await world.sql("UPDATE users SET totp_step = 0 WHERE id = %s", ada.id)

    assert (await log_in(world, ada, code=app.code())).status == 200


async def test_each_backup_code_is_good_once_however_it_is_typed(
    world: World, ada: Person, eve: Person
) -> None:
    app, other = await active_app(ada), await active_app(eve)
    first, second, *_ = app.backup_codes

    assert (await log_in(world, ada, code=other.backup_codes[0])).refusal == INVALID
    assert (await log_in(world, ada, code=first)).status == 200
    assert (await log_in(world, ada, code=first)).refusal == INVALID
    typed = second.replace("-", " ").lower()
    assert (await log_in(world, ada, code=f" {typed} ")).status == 200
    stored = await world.sql("SELECT count(*) FROM backup_codes WHERE user_id = %s", ada.id)
    assert stored == [(8,)]


async def test_ten_tries_an_account_from_whichever_address(world: World, ada: Person) -> None:
    app = await active_app(ada)
    await forget_tries(world, ada)
    outcomes = []
    for place in range(12):
        world.valkey.delete(f"limit:{{login:{ada.id}}}:password")  # the other budget
        answer = await log_in(world, ada, code=app.wrong_code(), address=f"203.0.113.{place}")
        outcomes.append(answer.status)

    assert outcomes == [401] * 10 + [429] * 2
    world.valkey.delete(f"limit:{{login:{ada.id}}}:password")
    assert (await log_in(world, ada, code=app.code(ahead=1))).refusal == (429, "rate_limited")
    assert (await ada.call("remove_totp", {"code": app.code(ahead=1)})).status == 429


async def test_tries_to_confirm_are_counted_too(ada: Person) -> None:
    app = await new_app(ada)
    wrong = {"code": app.wrong_code()}
    answers = [await ada.call("confirm_totp", wrong) for _ in range(11)]

    assert [answer.status for answer in answers] == [401] * 10 + [429]
    assert not await has_totp(ada)


async def test_while_it_is_active_there_is_no_other(world: World, ada: Person) -> None:
    app = await active_app(ada)

    assert (await ada.call("set_up_totp", OWN)).refusal == (409, "totp_active")
    answer = await ada.call("confirm_totp", {"code": app.code(ahead=1)})
    assert answer.refusal == (409, "totp_active")
    assert (await log_in(world, ada, code=app.code(ahead=1))).status == 200


async def test_of_several_confirmations_at_once_one_gives_codes(world: World, ada: Person) -> None:
    code = {"code": (await new_app(ada)).code()}
    answers = await asyncio.gather(*(ada.call("confirm_totp", code, many=True) for _ in range(4)))

    assert [answer.status for answer in answers].count(200) == 1
    assert {answer.status for answer in answers} <= {200, 401, 409}
    stored = await world.sql("SELECT count(*) FROM backup_codes WHERE user_id = %s", ada.id)
    assert stored == [(10,)]


@pytest.mark.parametrize("kind", ["by time", "backup"])
async def test_removed_with_a_code(world: World, ada: Person, kind: str) -> None:
    app = await active_app(ada)
    wrong = await ada.call("remove_totp", {"code": app.wrong_code()})
    assert wrong.refusal == INVALID
    code = app.code(ahead=1) if kind == "by time" else app.backup_codes[0]
    answer = await ada.call("remove_totp", {"code": code})

    assert (answer.status, answer.body) == (204, None)
    assert not await has_totp(ada)
    assert (await log_in(world, ada)).status == 200
    left = await world.sql(
        "SELECT totp_secret, (SELECT count(*) FROM backup_codes WHERE user_id = u.id)"
        " FROM users u WHERE id = %s",
        ada.id,
    )
    assert left == [(None, 0)]
    assert (await ada.call("set_up_totp", OWN)).status == 200


async def test_what_was_never_set_up_is_not_confirmed_and_not_removed(ada: Person) -> None:
    missing = (409, "totp_not_set_up")
    code = {"code": "123456"}

    assert (await ada.call("confirm_totp", code)).refusal == missing
    assert (await ada.call("remove_totp", code)).refusal == missing
    await new_app(ada)
    assert (await ada.call("remove_totp", code)).refusal == missing


async def test_ones_devices_learn_of_it(world: World, ada: Person) -> None:
    socket = await ada.open_socket()
    await socket.say("hello")
    app = await active_app(ada)
    await ada.call("remove_totp", {"code": app.backup_codes[0]})

    told = [(event["event"], event["data"]["user"]["totp"]) for event in socket.received()]
    assert told == [("user.updated", True), ("user.updated", False)]
    logged = await world.sql(
        "SELECT payload FROM events WHERE stream_id = %s ORDER BY seq DESC LIMIT 1", ada.id
    )
    me = (await ada.call("show_me")).body
    assert me.pop("karma") == 0, "no event tells it: each vote would be one"
    assert logged == [({"user": me},)]


async def test_no_secret_leaves_the_place_it_is_kept_in(world: World, ada: Person) -> None:
    app = await active_app(ada)
    for table in ("backup_codes", "events", "sessions"):
        rows = await world.sql(SQL("SELECT t::text FROM {} t").format(Identifier(table)))
        text = str(rows)
        for secret in (app.secret, *app.backup_codes):
            assert secret not in text
            assert secret.replace("-", "") not in text


@pytest.mark.parametrize("code", ["", "x" * 41, None, ["123456"], 123456, "\ud800"])
async def test_what_cannot_be_a_code_is_named(ada: Person, code: object) -> None:
    for answer in (
        await ada.call("confirm_totp", {"code": code}),
        await ada.call("remove_totp", {"code": code}),
    ):
        assert answer.refusal == (422, "validation_failed")
        assert [error["field"] for error in answer.body["errors"]] == ["code"]


async def test_odd_codes_are_only_wrong(world: World, ada: Person) -> None:
    await active_app(ada)
    for code in ("\0", " ", "-", "١٢٣٤٥٦", "\uff11" * 6, "' OR 1=1", str(uuid4())):
        await forget_tries(world, ada)
        assert (await log_in(world, ada, code=code)).refusal == INVALID, code
