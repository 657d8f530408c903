"""Who has an address is asked to prove it, and strangers learn nothing of who has it already."""

from __future__ import annotations

from tests.feature.mailed import Mailbox, admitting, verified, with_mail
from tests.feature.world import PASSWORD, Person, World


async def test_the_mail_has_a_code_and_a_link(ada: Person) -> None:
    mail = await with_mail(ada)
    assert mail.subject == "Verify your e-mail address"
    assert (len(mail.code), ada.username in mail.text) == (6, True)
    assert f"https://api.example.org/v1/auth/email/confirm?token={mail.token}" in mail.text


async def test_a_later_mail_ends_the_code_and_the_link_of_the_earlier_one(
    world: World, ada: Person
) -> None:
    earlier, later = await with_mail(ada), await with_mail(ada)
    assert (await ada.call("verify_email", {"code": earlier.code})).refusal[1] == "invalid_code"
    assert (await ada.call("verify_email", {"code": later.code})).status == 204


async def test_a_verified_address_gets_no_mail(world: World, ada: Person) -> None:
    await verified(ada)
    mailbox = Mailbox.of(world)
    answer = await ada.call("send_verification")
    assert answer.refusal == (409, "email_already_verified")
    assert mailbox.new_jobs() == []


async def test_mails_are_limited_for_each_account(world: World, ada: Person) -> None:
    mailbox = Mailbox.of(world)
    statuses = [(await ada.call("send_verification")).status for _ in range(7)]
    assert statuses == [*[204] * 5, 429, 429]
    assert mailbox.count(ada.email) == 5


async def test_several_accounts_together_send_no_more_to_one_address(
    world: World, ada: Person, grace: Person
) -> None:
    """A stranger who registers with somebody's address again and again does not fill the mailbox;
    and the answer does not say that nothing was sent."""
    await world.sql("UPDATE users SET email = %s WHERE id = %s", ada.email, grace.id)
    mailbox = Mailbox.of(world)
    for _ in range(4):
        assert (await ada.call("send_verification")).status == 204
        assert (await grace.call("send_verification")).status == 204
    assert mailbox.count(ada.email) == 5
    assert len(mailbox.jobs) == 8, "the others are for nobody"


async def test_the_owner_of_a_known_address_learns_of_it_and_the_other_account_does_not(
    world: World, ada: Person, eve: Person
) -> None:
    await verified(ada)
    await world.sql("UPDATE users SET email = %s WHERE id = %s", ada.email, eve.id)
    mailbox = Mailbox.of(world)
    assert (await eve.call("send_verification")).status == 204
    mail = mailbox.mail(ada.email)
    assert (mail.subject, "?token=" in mail.text) == ("You have an account already", False)
    assert ada.username in mail.text


async def test_a_registration_sends_the_mail_where_addresses_must_be_verified(
    world: World, ada: Person
) -> None:
    await verified(ada)
    mailbox = Mailbox.of(world)
    with admitting(world, unverified_may="read"):
        person = await world.new_person()
        known = {"username": f"{ada.username}2", "email": ada.email, "password": PASSWORD}
        assert (await world.call("register", known)).status == 201
    assert (await person.call("verify_email", {"code": mailbox.mail(person.email).code})).status
    assert mailbox.mail(ada.email).subject == "You have an account already"


async def test_an_address_from_which_mail_came_back_gets_none(world: World, ada: Person) -> None:
    await world.sql("INSERT INTO mail_suppressions VALUES (%s, 'bounce', now())", ada.email.lower())
    mailbox = Mailbox.of(world)
    assert (await ada.call("send_verification")).status == 204
    assert mailbox.count(ada.email) == 0
