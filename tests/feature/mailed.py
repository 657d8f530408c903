"""The mails that accounts need, and what is in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.feature.world import Admission, Answer, Person, World

LINK = re.compile(r"\?token=([\w-]+)")
CODE = re.compile(r"^\d{6}$", re.MULTILINE)


@dataclass(slots=True)
class Mailbox:
    """Of all addresses. `jobs`: what was put on the mail queue, also what nobody is to get."""

    world: World
    url: str
    jobs: list[Any]

    @classmethod
    def of(cls, world: World) -> Mailbox:
        url = world.queues.new("mails")
        world.queues.drain(url)
        return cls(world, url, [])

    def new_jobs(self) -> list[Any]:
        jobs = self.world.queues.drain(self.url)
        self.jobs += jobs
        return jobs

    def mail(self, address: str) -> Mail:
        """The last one to the address."""
        self.new_jobs()
        *_, job = [job for job in self.jobs if job["to"] == address]
        return Mail(job["subject"], job["text"], job["html"])

    def count(self, address: str) -> int:
        self.new_jobs()
        return len([job for job in self.jobs if job["to"] == address])


@dataclass(frozen=True, slots=True)
class Mail:
    subject: str
    text: str
    html: str

    @property
    def token(self) -> str:
        """Of its link."""
        (token,) = set(LINK.findall(self.text))
        return str(token)

    @property
    def code(self) -> str:
        (code,) = CODE.findall(self.text)
        return str(code)


@contextmanager
def admitting(world: World, **settings: str) -> Iterator[None]:
    """`settings`: of Admission."""
    usual, world.admission = world.admission, Admission(**settings)
    try:
        yield
    finally:
        world.admission = usual


async def verified(person: Person) -> Person:
    """As if they had verified their address."""
    await person.world.sql("UPDATE users SET email_verified_at = now() WHERE id = %s", person.id)
    return person


async def with_mail(person: Person) -> Mail:
    """A verification that the person asks for."""
    mailbox = Mailbox.of(person.world)
    answer = await person.call("send_verification")
    assert answer.status == 204, answer
    return mailbox.mail(person.email)


async def open_page(world: World, function: str, token: str) -> tuple[int, str]:
    """Status and body of a page, or of what its button does."""
    status, body = await world.run(_open, function, f"token={token}")
    return int(status), str(body)


def _open(function: str, query: str) -> tuple[int, str]:
    from tests.feature.environment import Request, answer_request

    form = {"content-type": "application/x-www-form-urlencoded"}
    answer = answer_request(Request(function, query=query, headers=form))
    return answer["statusCode"], answer["body"]


async def profile(person: Person) -> Any:
    answer: Answer = await person.call("show_me")
    assert answer.status == 200, answer
    return answer.body


async def forget(person: Person, login: str | None = None) -> Answer:
    """From the address of the person, which has the limit of log-ins to itself. `login`: the
    username by default."""
    body = {"login": login or person.username}
    return await person.world.call("forgot_password", body, address=person.address)
