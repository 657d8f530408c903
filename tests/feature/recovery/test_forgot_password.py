"""Who asks for a new password learns nothing about accounts."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.feature.environment import Request, answer_counted
from tests.feature.mailed import Mailbox, forget
from tests.feature.world import Person, World


async def test_the_mail_goes_to_the_address_of_the_account(world: World, ada: Person) -> None:
    mailbox = Mailbox.of(world)
    for login in (ada.username, ada.email.upper()):
        assert (await forget(ada, login)).status == 204
    assert mailbox.count(ada.email) == 2
    assert ada.username in mailbox.mail(ada.email).text


async def test_an_unknown_login_does_the_same_and_nobody_gets_the_mail(
    world: World, ada: Person
) -> None:
    """The same statements and the same job for the queue, so that the time says nothing either."""
    mailbox = Mailbox.of(world)
    known = await forget(ada, ada.username)
    (to_ada,) = mailbox.new_jobs()
    unknown = await forget(ada, uuid4().hex)
    (to_nobody,) = mailbox.new_jobs()
    assert (known.status, known.body) == (unknown.status, unknown.body)
    assert (to_ada["to"], to_nobody["to"]) == (ada.email, "")
    assert abs(len(to_ada["text"]) - len(to_nobody["text"])) < 100
    rows = await world.sql(
        "SELECT user_id FROM one_time_tokens WHERE purpose = 'reset_password'"
        " ORDER BY created_at DESC LIMIT 2"
    )
    assert sorted(str(user_id) for (user_id,) in rows) == sorted([ada.id, "None"])


@pytest.mark.parametrize("many_before", [0, 6])
async def test_an_unknown_login_takes_as_many_round_trips_and_queue_messages(
    world: World, ada: Person, many_before: int
) -> None:
    """Also where no mail is sent any more."""
    unknown = uuid4().hex
    counts = []
    for login in (ada.username, unknown):
        for _ in range(many_before):
            await forget(ada, login)
        request = Request("forgot_password", body={"login": login})
        answer, *count = await world.run(answer_counted, request)
        counts.append((answer["statusCode"], *count))
    assert counts[0] == counts[1]
    assert counts[0][2] == 1, "one message for the queue"


async def test_an_address_gets_five_mails_at_most(world: World, ada: Person) -> None:
    mailbox = Mailbox.of(world)
    for _ in range(7):
        assert (await forget(ada, ada.email)).status == 204
    assert (mailbox.count(ada.email), len(mailbox.jobs)) == (5, 7)


async def test_people_who_were_imported_get_no_mail(world: World, ada: Person) -> None:
    email = f"{uuid4().hex}@imported.invalid"
    await world.sql("UPDATE users SET email = %s WHERE id = %s", email, ada.id)
    mailbox = Mailbox.of(world)
    assert (await forget(ada, ada.username)).status == 204
    assert mailbox.count(email) == 0
