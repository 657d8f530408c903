"""A mail is given to SES with the headers of one-click unsubscribing, and at most once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from cgraph_local.core.sent_mails import sent_mails
from tests.aws import aws_client
from tests.feature.mail_service import MailService, recording_mails
from tests.feature.notified import deliver, notify, prefer, queue, sent_to
from tests.feature.world import Person, World

DONE: dict[str, Any] = {"batchItemFailures": []}


@pytest.fixture
async def ses(world: World) -> AsyncIterator[MailService]:
    async with recording_mails(world) as service:
        yield service


@pytest.fixture
async def job(world: World, ada: Person) -> Any:
    """A mail about a notification."""
    mails = queue(world, "mails")
    person = await world.new_person("reader")
    await prefer(person, mail="immediate")
    await notify(person, actor=ada)
    await deliver(world)
    (job,) = await sent_to(person, mails)
    return job


async def test_a_mail_has_both_headers_of_rfc_8058(
    world: World, ses: MailService, job: Any
) -> None:
    assert await world.work_off("workers.send_mail", job) == DONE
    headers = ses.headers()
    assert headers["List-Unsubscribe"] == f"<{job['unsubscribe_url']}>"
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert headers["List-Unsubscribe"].startswith("<https://api.example.org/v1/mail/unsubscribe?")
    assert headers["Auto-Submitted"] == "auto-generated"


async def test_a_mail_is_text_and_html_and_loads_nothing(
    world: World, ses: MailService, job: Any, ada: Person
) -> None:
    await world.work_off("workers.send_mail", job)
    (request,) = ses.requests
    assert request["FromEmailAddress"] == "CGraph <no-reply@example.org>"
    body = request["Content"]["Simple"]["Body"]
    text, html = body["Text"]["Data"], body["Html"]["Data"]
    assert f"- {ada.username} sent you a message\n" in text
    lines = [line for line in text.splitlines() if not line.startswith("https://")]
    assert max(map(len, lines)) <= 72
    assert f"<li>{ada.username} sent you a message</li>" in html
    assert not {"<img", "<script", "<link", "src=", "url("} & set(html.lower().split())


async def test_a_mail_that_an_account_needs_cannot_be_ended(
    world: World, ses: MailService, job: Any
) -> None:
    await world.work_off("workers.send_mail", {**job, "unsubscribe_url": ""})
    assert ses.headers().keys() == {"Auto-Submitted"}


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Unavailable"])
async def test_what_ses_did_not_take_is_sent_later(
    world: World, ses: MailService, job: Any, status: str
) -> None:
    ses.answers = [status]
    assert await world.work_off("workers.send_mail", job) == DONE
    waiting = await world.run(delayed_mails)
    assert waiting >= 1


@pytest.mark.parametrize("status", ["", "400 Bad Request"])
async def test_what_may_have_been_sent_or_cannot_be_is_not_sent_again(
    world: World, ses: MailService, job: Any, status: str
) -> None:
    before = await world.run(delayed_mails)
    ses.answers = [status]
    assert '"mail.failed":[1' in await world.printed_by("workers.send_mail", job)
    assert len(ses.requests) == 1
    assert await world.run(delayed_mails) == before


async def test_the_emulator_takes_the_mail(world: World, job: Any) -> None:
    endpoints = world.endpoints
    client = aws_client("sesv2", url=endpoints.emulator_url, credentials=endpoints.credentials)
    client.create_email_identity(EmailIdentity="example.org")
    client.close()
    assert await world.work_off("workers.send_mail", job) == DONE
    mails = [mail for mail in sent_mails(endpoints) if mail.to == [job["to"]]]
    assert [(mail.subject, mail.text, mail.html) for mail in mails] == [
        (job["subject"], job["text"], job["html"])
    ]


def delayed_mails() -> int:
    """In the process of the functions: what waits on the mail queue until its delay is over."""
    from cgraph.core import queues
    from cgraph.core.settings import settings

    answer = queues._call(
        "GetQueueAttributes",
        settings().mail_queue_url,
        AttributeNames=["ApproximateNumberOfMessagesDelayed"],
    )
    return int(answer["Attributes"]["ApproximateNumberOfMessagesDelayed"])
