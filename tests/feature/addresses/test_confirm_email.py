"""The link of a mail does what the mail was for, once."""

from __future__ import annotations

import asyncio

from tests.feature.mailed import open_page, profile, with_mail
from tests.feature.world import Person, World


async def test_the_link_verifies_the_address_without_a_log_in(world: World, ada: Person) -> None:
    mail = await with_mail(ada)
    status, page = await open_page(world, "confirm_email", mail.token)
    assert (status, f"The address {ada.email} is verified." in page) == (200, True)
    assert (await profile(ada))["email_verified"]
    assert (await ada.call("verify_email", {"code": mail.code})).status == 401


async def test_of_several_at_once_one_uses_the_link(world: World, ada: Person) -> None:
    mail = await with_mail(ada)
    answers = await asyncio.gather(
        *(open_page(world, "confirm_email", mail.token) for _ in range(4))
    )
    assert sorted(status for status, _ in answers) == [200, 403, 403, 403]


async def test_the_link_of_an_address_resets_no_password(world: World, ada: Person) -> None:
    mail = await with_mail(ada)
    body = {"token": mail.token, "new_password": "my own new battery"}
    assert (await world.call("reset_password", body)).refusal == (403, "invalid_mail_token")
    assert (await open_page(world, "show_reset_page", mail.token))[0] == 403
