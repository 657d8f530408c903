from __future__ import annotations

from tests.feature.mailed import Mailbox, forget, open_page
from tests.feature.world import Person, World


async def test_the_page_asks_for_a_password_and_does_not_repeat_the_token(
    world: World, ada: Person
) -> None:
    mailbox = Mailbox.of(world)
    await forget(ada, ada.email)
    token = mailbox.mail(ada.email).token
    status, page = await open_page(world, "show_reset_page", token)
    assert (status, ada.username in page, token in page) == (200, True, False)


async def test_a_link_that_was_made_up_is_refused(world: World) -> None:
    assert (await open_page(world, "show_reset_page", "made-up"))[0] == 403
