"""A new address is the account's once it is proven, and the old one can bring itself back."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.feature.account import activate_app, another_session, log_in
from tests.feature.mailed import Mailbox, open_page, profile, verified
from tests.feature.world import PASSWORD, Person, World


@pytest.fixture
async def owner(ada: Person) -> Person:
    return await verified(ada)


async def change(person: Person, email: str, **options: str) -> None:
    body = {"email": email, "password": PASSWORD, **options}
    answer = await person.call("change_email", body)
    assert answer.status == 204, answer


def new_address() -> str:
    return f"new-{uuid4().hex[:10]}@example.org"


async def changed(owner: Person) -> tuple[str, Mailbox]:
    """The new address, and the mails of the change."""
    mailbox, new = Mailbox.of(owner.world), new_address()
    await change(owner, new)
    answer = await owner.call("verify_email", {"code": mailbox.mail(new).code})
    assert answer.status == 204, answer
    mailbox.new_jobs()
    return new, mailbox


async def test_the_address_stays_until_the_new_one_is_confirmed(owner: Person) -> None:
    mailbox, new = Mailbox.of(owner.world), new_address()
    await change(owner, new)
    assert (await profile(owner))["email"] == owner.email
    assert mailbox.mail(owner.email).subject == "Your e-mail address is to be changed"
    assert new in mailbox.mail(owner.email).text
    await owner.call("verify_email", {"code": mailbox.mail(new).code})
    me = await profile(owner)
    assert (me["email"], me["email_verified"]) == (new, True)


async def test_both_sides_learn_of_the_change(owner: Person) -> None:
    new, mailbox = await changed(owner)
    mail = mailbox.mail(owner.email)
    assert (mail.subject, new in mail.text) == ("Your e-mail address was changed", True)


async def test_a_wrong_password_changes_nothing(owner: Person) -> None:
    mailbox = Mailbox.of(owner.world)
    body = {"email": new_address(), "password": "not the password"}
    assert (await owner.call("change_email", body)).refusal == (401, "invalid_credentials")
    assert mailbox.new_jobs() == []


async def test_the_way_back_ends_sessions_password_and_later_factors(
    world: World, owner: Person
) -> None:
    """Somebody has stolen the password and the session, and takes the account over."""
    thief = await another_session(world, owner)
    new, mailbox = await changed(thief)
    await activate_app(thief)
    token = mailbox.mail(owner.email).token
    status, page = await open_page(world, "show_email_page", token)
    assert (status, owner.email in page) == (200, True)
    assert (await profile(thief))["email"] == new, "opening the page changes nothing"

    assert (await open_page(world, "confirm_email", token))[0] == 200
    assert (await thief.call("show_me")).status == 401
    assert (await log_in(world, owner)).refusal == (401, "invalid_credentials")
    reset = mailbox.mail(owner.email)
    body = {"token": reset.token, "new_password": "my own new battery"}
    assert (await world.call("reset_password", body)).status == 204
    mine = await log_in(world, owner, password="my own new battery")
    assert (mine.status, mine.body["user"]["email"]) == (200, owner.email)
    assert mine.body["user"]["totp"] is False
    assert (await open_page(world, "confirm_email", token))[0] == 403, "it is good once"


async def test_a_second_change_does_not_close_the_way_back_of_the_first(
    world: World, owner: Person
) -> None:
    first, mailbox = await changed(owner)
    second, later = await changed(owner)
    token, its_own = mailbox.mail(owner.email).token, later.mail(first).token
    assert (await open_page(world, "confirm_email", token))[0] == 200
    assert (await open_page(world, "confirm_email", its_own))[0] == 403
    rows = await world.sql("SELECT email FROM users WHERE id = %s", owner.id)
    assert rows == [(owner.email,)]
    assert second


async def test_the_way_back_ends_after_seven_days(world: World, owner: Person) -> None:
    _, mailbox = await changed(owner)
    ((days,),) = await world.sql(
        "SELECT extract(day FROM expires_at - created_at) FROM one_time_tokens WHERE user_id = %s",
        owner.id,
    )
    assert days == 7
    await world.sql("UPDATE one_time_tokens SET expires_at = now() WHERE user_id = %s", owner.id)
    answer = await open_page(world, "confirm_email", mailbox.mail(owner.email).token)
    assert answer[0] == 403


async def test_an_unverified_address_gets_no_mail_about_the_change(
    world: World, ada: Person
) -> None:
    """It may be somebody else's."""
    _, mailbox = await changed(ada)
    assert mailbox.count(ada.email) == 0


async def test_the_answer_says_nothing_about_an_address_of_another_account(
    world: World, owner: Person, grace: Person
) -> None:
    await verified(grace)
    mailbox = Mailbox.of(world)
    await change(owner, grace.email)
    assert mailbox.mail(grace.email).subject == "You have an account already"
    assert "?token=" not in mailbox.mail(grace.email).text


async def test_a_link_of_a_reset_to_the_old_address_ends_with_the_change(
    world: World, owner: Person
) -> None:
    mailbox = Mailbox.of(world)
    await world.call("forgot_password", {"login": owner.email})
    token = mailbox.mail(owner.email).token
    await changed(owner)
    body = {"token": token, "new_password": "my own new battery"}
    assert (await world.call("reset_password", body)).refusal == (403, "invalid_mail_token")
