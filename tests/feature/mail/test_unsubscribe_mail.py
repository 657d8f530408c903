"""The button of a mail program ends the mails of one account, and nobody else can press it."""

from __future__ import annotations

import base64
import hmac
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


async def test_an_old_link_ends_the_mails_again_of_who_wanted_them_back(
    world: World, reader: Person, ada: Person
) -> None:
    """It is in a mail that they may still have: who reads their mail may end it."""
    token = await token_of(reader, actor=ada)
    await press(world, token)
    wanted = {"mail": "daily", "push": False, "silenced": ["reaction"]}
    assert (await reader.call("set_preferences", wanted)).status == 200
    assert await token_of_signer(world, reader) == token, "no token is made for one mail"
    assert (await press(world, token))[0] == 200
    kept = (await reader.call("show_preferences")).body
    assert kept == {**kept, **wanted, "mail": "off"}, "nothing else changes"


async def test_a_link_of_a_deleted_account_is_no_error(world: World, ada: Person) -> None:
    gone = await world.new_person("gone")
    token = await token_of_signer(world, gone)
    await world.sql("DELETE FROM users WHERE id = %s", gone.id)
    assert (await press(world, token))[0] == 200
    assert (
        await world.sql("SELECT 1 FROM notification_preferences WHERE user_id = %s", gone.id) == []
    )


@pytest.mark.parametrize("name", ["mail list", "push", ""])
async def test_a_signature_made_for_something_else_is_refused(
    world: World, reader: Person, name: str
) -> None:
    """With the same key: the words that a signature begins with are the purpose."""
    body = b"\x01" + UUID(reader.id).bytes
    forged = body + hmac.digest(await mail_key(world), name.encode() + body, "sha256")
    assert (await press(world, base64.urlsafe_b64encode(forged).decode().rstrip("=")))[0] == 403


@pytest.mark.parametrize("method", ["HEAD", "GET", "OPTIONS", "PUT", "DELETE"])
async def test_no_other_method_ends_anything(
    world: World, reader: Person, ada: Person, method: str
) -> None:
    """What a program that checks links sends. API Gateway has no route for it; neither have we."""
    token = await token_of(reader, actor=ada)
    status = await world.run(answer_method, method, f"token={token}")
    assert status == 405
    assert (await reader.call("show_preferences")).body["mail"] == "immediate"


def answer_method(method: str, query: str) -> int:
    from api.mail.unsubscribe_mail import handler
    from tests.feature.environment import Request, http_event

    request = Request("unsubscribe_mail", query=query, headers=FORM, body="")
    return int(
        handler(http_event(request, method=method, path="/mail/unsubscribe"), None)["statusCode"]
    )


async def mail_key(world: World) -> bytes:
    """The first function that needs it makes it."""
    await world.call("show_unsubscribe_page", query="token=abc")
    [(key,)] = await world.sql("SELECT key FROM server_keys WHERE name = 'mail'")
    return bytes(key)


async def token_of_signer(world: World, reader: Person) -> str:
    """Another one, as the next mail would have it."""
    key, body = await mail_key(world), b"\x01" + UUID(reader.id).bytes
    signature = hmac.digest(key, b"cgraph mail list " + body, "sha256")
    return base64.urlsafe_b64encode(body + signature).decode().rstrip("=")


async def test_a_link_without_a_token_is_refused(world: World) -> None:
    assert (await world.call("unsubscribe_mail")).refusal == (422, "validation_failed")


@pytest.mark.parametrize("body", ["", "List-Unsubscribe=One-Click", "anything"])
async def test_the_body_is_not_read(world: World, reader: Person, ada: Person, body: str) -> None:
    status, _ = await press(world, await token_of(reader, actor=ada), body=body)
    assert status == 200
