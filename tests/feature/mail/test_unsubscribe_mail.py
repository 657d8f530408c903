"""The button of a mail program ends the mails of one account, and nobody else can press it."""

from __future__ import annotations

import base64
from typing import Any
from uuid import UUID

import pytest

from tests.feature.notified import deliver, deliveries, notify, prefer, queue, sent_to
from tests.feature.world import Person, World

FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture
async def reader(world: World) -> Person:
    person = await world.new_person("reader")
    await prefer(person, mail="immediate")
    return person


async def token_of(reader: Person, *, actor: Person) -> str:
    """From a mail that they got."""
    world = reader.world
    mails = queue(world, "mails")
    await notify(reader, actor=actor)
    await deliver(world)
    (mail,) = await sent_to(reader, mails)
    return str(mail["unsubscribe_url"]).partition("?token=")[2]


async def press(world: World, token: str, **options: Any) -> Any:
    """As RFC 8058 has it: a form, without a log-in."""
    raw = await world.run(
        answer_form, f"token={token}", options.get("body", "List-Unsubscribe=One-Click")
    )
    return raw


def answer_form(query: str, body: str) -> tuple[int, str]:
    from tests.feature.environment import Request, answer_request

    request = Request("unsubscribe_mail", query=query, headers=FORM, body=body)
    answer = answer_request(request)
    return answer["statusCode"], answer["body"]


async def test_one_click_ends_the_mails_without_a_log_in(
    world: World, reader: Person, ada: Person
) -> None:
    token = await token_of(reader, actor=ada)
    await notify(reader, actor=ada)
    status, page = await press(world, token)
    assert (status, "You get no more notifications by mail." in page) == (200, True)
    mails = queue(world, "mails")
    await deliver(world)
    await notify(reader, actor=ada)
    await deliver(world)
    assert await sent_to(reader, mails) == []
    assert ("mail", False, "off") in await deliveries(reader)
    assert (await press(world, token))[0] == 200


async def test_the_mails_of_others_go_on(world: World, reader: Person, ada: Person) -> None:
    other = await world.new_person("other")
    await prefer(other, mail="immediate")
    await press(world, await token_of(reader, actor=ada))
    mails = queue(world, "mails")
    await notify(other, actor=ada)
    await deliver(world)
    assert len(await sent_to(other, mails)) == 1


async def test_a_link_cannot_be_made_for_somebody_else(
    world: World, reader: Person, ada: Person
) -> None:
    raw = base64.urlsafe_b64decode(await token_of(reader, actor=ada) + "==")
    signature = raw[17:]
    forged = [
        raw[:1] + UUID(ada.id).bytes + signature,  # the signature of another account
        b"\x02" + raw[1:],  # another list
        raw[:17] + bytes(32),
        raw[:17],
        raw[:-1],
        raw + b"\x00",
        b"",
        *(raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :] for place in range(len(raw))),
    ]
    tokens = [base64.urlsafe_b64encode(each).decode().rstrip("=") for each in forged]
    for token in [*filter(None, tokens), "é", "%00", "a" * 200]:
        status, _ = await press(world, token)
        assert status == 403, token
    assert await world.sql(
        "SELECT mail FROM notification_preferences WHERE user_id = %s", reader.id
    ) == [("immediate",)]


async def test_a_link_without_a_token_is_refused(world: World) -> None:
    assert (await world.call("unsubscribe_mail")).refusal == (422, "validation_failed")


@pytest.mark.parametrize("body", ["", "List-Unsubscribe=One-Click", "anything"])
async def test_the_body_is_not_read(world: World, reader: Person, ada: Person, body: str) -> None:
    status, _ = await press(world, await token_of(reader, actor=ada), body=body)
    assert status == 200
