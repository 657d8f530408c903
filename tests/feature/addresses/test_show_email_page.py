"""The page of a link asks before it does anything, and only while the link is good."""

from __future__ import annotations

from html import unescape

from tests.feature.mailed import Mailbox, open_page, profile, with_mail
from tests.feature.world import Person, World


async def test_the_page_names_the_account_and_changes_nothing(world: World, ada: Person) -> None:
    mail = await with_mail(ada)
    status, page = await open_page(world, "show_email_page", mail.token)
    assert status == 200
    assert ada.username in unescape(page)
    assert ada.email in unescape(page)
    assert not (await profile(ada))["email_verified"]


async def test_a_link_that_was_made_up_is_refused(world: World) -> None:
    status, page = await open_page(world, "show_email_page", "made-up")
    assert (status, '"invalid_mail_token"' in page) == (403, True)


async def test_the_link_of_a_password_is_none_of_an_address(world: World, ada: Person) -> None:
    mailbox = Mailbox.of(world)
    await world.call("forgot_password", {"login": ada.username})
    token = mailbox.mail(ada.email).token
    for function in ("show_email_page", "confirm_email"):
        assert (await open_page(world, function, token))[0] == 403
