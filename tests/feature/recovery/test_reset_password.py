"""The reader of a mailbox sets a new password, and the sessions that were there before end."""

from __future__ import annotations

import asyncio

import pytest

from tests.feature.account import activate_app, another_session, log_in, user_events
from tests.feature.mailed import Mailbox, forget, profile, verified
from tests.feature.passkeys.holders import log_in as log_in_with_passkey
from tests.feature.passkeys.holders import with_passkey
from tests.feature.world import Answer, Person, World

NEW = "my own new battery"


async def token_for(person: Person) -> str:
    mailbox = Mailbox.of(person.world)
    await forget(person)
    return mailbox.mail(person.email).token


async def reset(world: World, token: str, password: str = NEW, **options: bool) -> Answer:
    body = {"token": token, "new_password": password}
    return await world.call("reset_password", body, **options)


async def test_the_new_password_counts_and_all_sessions_end(world: World, ada: Person) -> None:
    other = await another_session(world, ada)
    socket = await other.open_socket()
    assert (await reset(world, await token_for(ada))).status == 204
    for session in (ada, other):
        assert (await session.call("show_me")).refusal == (401, "invalid_token")
        refreshed = await world.call("refresh_session", {"refresh_token": session.refresh_token})
        assert refreshed.status == 401
    assert socket.received()[-1]["data"]["reason"] == "session_revoked"
    assert (await log_in(world, ada)).refusal == (401, "invalid_credentials")
    assert (await log_in(world, ada, password=NEW)).status == 200


async def test_the_user_gets_a_mail_about_it(world: World, ada: Person) -> None:
    token = await token_for(ada)
    mailbox = Mailbox.of(world)
    await reset(world, token)
    assert mailbox.mail(ada.email).subject == "Your password was changed"


async def test_the_second_factor_of_a_verified_account_is_still_asked(
    world: World, ada: Person
) -> None:
    await verified(ada)
    app = await activate_app(ada)
    await reset(world, await token_for(ada))
    without = await log_in(world, ada, password=NEW)
    assert without.refusal == (401, "second_factor_required")
    assert (await log_in(world, ada, password=NEW, code=app.code(ahead=1))).status == 200


async def test_who_registered_the_address_first_loses_it_to_its_owner(
    world: World, eve: Person
) -> None:
    """Eve has registered somebody's address, with a second factor, a passkey, an API token and a
    session of hers."""
    authenticator = await with_passkey(eve)
    token = await eve.call("create_api_token", {"name": "mine", "scopes": ["profile:read"]})
    assert token.status == 201
    app = await activate_app(eve)
    await reset(world, await token_for(eve))
    assert (await eve.call("show_me")).status == 401
    with_token = {"authorization": f"Bearer {token.body['token']}"}
    assert (await world.call("show_me", headers=with_token)).status == 401
    assert (await log_in_with_passkey(world, authenticator)).refusal == (401, "invalid_passkey")
    owner = await log_in(world, eve, password=NEW)
    assert owner.status == 200, "without the code of Eve's app"
    me = owner.body["user"]
    assert (me["email_verified"], me["totp"]) == (True, False)
    person = world.signed_in(owner.body)
    assert (await user_events(person, "user.updated"))[-1]["user"]["email_verified"]
    rows = await world.sql("SELECT 1 FROM backup_codes WHERE user_id = %s", eve.id)
    assert (rows, bool(app.backup_codes)) == ([], True)


async def test_a_token_is_good_once(world: World, ada: Person) -> None:
    token = await token_for(ada)
    answers = await asyncio.gather(
        *(reset(world, token, f"{NEW} {n}", many=True) for n in range(4))
    )
    assert sorted(answer.status for answer in answers) == [204, 403, 403, 403]
    winner = [answer.status for answer in answers].index(204)
    assert (await log_in(world, ada, password=f"{NEW} {winner}")).status == 200


async def test_a_used_token_ends_the_others_of_the_account(world: World, ada: Person) -> None:
    earlier, later = await token_for(ada), await token_for(ada)
    assert (await reset(world, later)).status == 204
    assert (await reset(world, earlier)).refusal == (403, "invalid_mail_token")


async def test_an_old_token_is_refused(world: World, ada: Person) -> None:
    token = await token_for(ada)
    await world.sql("UPDATE one_time_tokens SET expires_at = now() WHERE user_id = %s", ada.id)
    assert (await reset(world, token)).refusal == (403, "invalid_mail_token")
    assert (await profile(ada))["id"] == ada.id


@pytest.mark.parametrize("password", ["password123", "aaaaaaaaaaaa"])
async def test_a_password_that_is_easy_to_guess_is_refused_and_the_token_stays(
    world: World, ada: Person, password: str
) -> None:
    token = await token_for(ada)
    assert (await reset(world, token, password)).refusal == (422, "weak_password")
    assert (await reset(world, token)).status == 204


async def test_the_address_that_became_anothers_resets_nothing(
    world: World, ada: Person, eve: Person
) -> None:
    await world.sql("UPDATE users SET email = %s WHERE id = %s", ada.email, eve.id)
    mailbox = Mailbox.of(world)
    await world.call("forgot_password", {"login": eve.username}, address=ada.address)
    token = mailbox.mail(ada.email).token
    await verified(ada)
    assert (await reset(world, token)).refusal == (403, "invalid_mail_token")
    assert (await eve.call("show_me")).status == 200
