"""Mails that an account needs: they go to addresses that are not verified too, and nobody can end
them. So each address gets only a few in an hour.

Whether a mail is sent says nothing to those who ask without being signed in: a mail that nobody is
to get takes the same way, and the mail worker drops it.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

from cgraph.accounts.errors import MailNotConfigured, MailUnavailable
from cgraph.core import limits
from cgraph.core.limits import ACCOUNT_MAIL
from cgraph.core.log import logger
from cgraph.core.queues import QueueUnavailable
from cgraph.core.settings import settings
from cgraph.mail import posting
from cgraph.mail.layout import Letter, Link
from cgraph.mail.models import MailJob
from cgraph.mail.wording import word


@dataclass(frozen=True, slots=True)
class Recipient:
    email: str
    username: str


def require_mail() -> None:
    """Raises MailNotConfigured."""
    if not posting.is_configured():
        raise MailNotConfigured


async def may_send(address: str) -> bool:
    """Counts a mail to this address, or for this login where it belongs to no account."""
    if address.endswith(".invalid"):  # RFC 2606: of people who were imported, and nobody's
        return False
    subject = hashlib.sha256(address.strip().lower().encode()).hexdigest()[:32]
    return (await limits.take(ACCOUNT_MAIL, subject=subject)).allowed


def letter(key: str, *, link: str = "", code: str = "", **values: Any) -> Letter:
    """`key`: of its texts, `mail.<key>.subject` and so on. `link`: path and query in the API."""
    greeting = word("mail.greeting", name=values.pop("name"))
    text = word(f"mail.{key}.text", count=1, **values)
    closing = word(f"mail.{key}.closing", count=1, **values)
    return Letter(
        subject=word(f"mail.{key}.subject", count=1, **values),
        paragraphs=(greeting, text, *((code,) if code else ()), closing),
        link=Link(word(f"mail.{key}.link"), f"{settings().api_url}{link}") if link else None,
        footer=word("mail.account.why", count=1, **values),
    )


async def try_post(*jobs: MailJob) -> None:
    """After what the mails report is done. Never raises."""
    try:
        await post(*jobs)
    except MailUnavailable as error:
        logger.error("account_mail_failed", extra={"reason": repr(error.__cause__)})


async def post(*jobs: MailJob) -> None:
    """Raises MailUnavailable."""
    try:
        posting.post(jobs)
    except QueueUnavailable as error:
        raise MailUnavailable from error
