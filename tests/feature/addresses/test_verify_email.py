"""A code of six digits proves an address: once, within few tries, and only to its own account."""

from __future__ import annotations

import asyncio

from tests.feature.account import user_events
from tests.feature.mailed import Mailbox, profile, verified, with_mail
from tests.feature.world import Person, World


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


async def test_the_code_verifies_the_address(ada: Person) -> None:
    mail = await with_mail(ada)
    code = f" {mail.code[:3]}-{mail.code[3:]} "
    assert (await ada.call("verify_email", {"code": code})).status == 204
    assert (await profile(ada))["email_verified"]
    (event,) = await user_events(ada, "user.updated")
    assert event["user"]["email_verified"]


async def test_a_code_is_good_once(ada: Person) -> None:
    mail = await with_mail(ada)
    answers = await asyncio.gather(
        *(ada.call("verify_email", {"code": mail.code}, many=True) for _ in range(4))
    )
    assert sorted(answer.status for answer in answers) == [204, 401, 401, 401]


async def test_after_five_wrong_codes_the_right_one_is_refused(ada: Person) -> None:
    mail = await with_mail(ada)
    for _ in range(5):
        answer = await ada.call("verify_email", {"code": wrong(mail.code)})
        assert answer.refusal == (401, "invalid_code")
    assert (await ada.call("verify_email", {"code": mail.code})).refusal[1] == "invalid_code"
    assert not (await profile(ada))["email_verified"]
    again = await with_mail(ada)
    assert (await ada.call("verify_email", {"code": again.code})).status == 204


async def test_wrong_codes_at_once_are_counted_each(ada: Person) -> None:
    mail = await with_mail(ada)
    await asyncio.gather(
        *(ada.call("verify_email", {"code": wrong(mail.code)}, many=True) for _ in range(8))
    )
    ((tries,),) = await ada.world.sql(
        "SELECT tries FROM one_time_tokens WHERE user_id = %s", ada.id
    )
    assert tries == 5


async def test_an_old_code_is_refused(world: World, ada: Person) -> None:
    mail = await with_mail(ada)
    await world.sql("UPDATE one_time_tokens SET expires_at = now() WHERE user_id = %s", ada.id)
    assert (await ada.call("verify_email", {"code": mail.code})).refusal[1] == "invalid_code"


async def test_a_code_is_good_for_no_other_account(ada: Person, eve: Person) -> None:
    mail, _ = await with_mail(ada), await with_mail(eve)
    answer = await eve.call("verify_email", {"code": mail.code})
    assert answer.status == 401 or (await with_mail(eve)).code  # the two may be equal by chance
    assert not (await profile(ada))["email_verified"]


async def test_of_accounts_with_one_address_one_can_verify_it(
    world: World, ada: Person, eve: Person
) -> None:
    """Eve registered it first; it is Ada's as soon as she proves it."""
    await world.sql("UPDATE users SET email = %s WHERE id = %s", ada.email, eve.id)
    mailbox = Mailbox.of(world)
    await eve.call("send_verification")
    to_eve = mailbox.mail(ada.email)
    await ada.call("send_verification")
    assert (await ada.call("verify_email", {"code": mailbox.mail(ada.email).code})).status == 204
    assert (await eve.call("verify_email", {"code": to_eve.code})).refusal == (409, "email_taken")
    login = {"login": ada.email, "password": "correct horse battery"}
    assert (await world.call("log_in", login)).body["user"]["id"] == ada.id


async def test_codes_are_not_stored_readable(world: World, ada: Person) -> None:
    mail = await with_mail(ada)
    ((row,),) = await world.sql("SELECT t::text FROM one_time_tokens t WHERE user_id = %s", ada.id)
    assert mail.token not in row
    assert mail.code not in str(row).replace(ada.id, "")[:60]


async def test_who_has_no_mail_waiting_has_no_code(ada: Person) -> None:
    await verified(ada)
    assert (await ada.call("verify_email", {"code": "000000"})).refusal == (401, "invalid_code")
