"""Puts mails on the mail queue: what a function in the VPC does, which reaches no SES."""

from collections.abc import Sequence

from cgraph.core import queues
from cgraph.core.log import logger
from cgraph.core.settings import settings
from cgraph.mail.layout import Letter, html, plain_text
from cgraph.mail.models import MailJob


def is_configured() -> bool:
    """Whether this stage sends mail."""
    return bool(settings().mail_from)


def mail_job(letter: Letter, *, to: str) -> MailJob:
    return MailJob(
        to=to,
        subject=letter.subject,
        text=plain_text(letter),
        html=html(letter),
        unsubscribe_url=letter.unsubscribe.url if letter.unsubscribe else "",
        correlation_id=logger.get_correlation_id() or "",
    )


def post(jobs: Sequence[MailJob]) -> None:
    """In their order, at most `queues.BATCH_MESSAGES` a call. Raises QueueUnavailable: then some of
    them may have been taken.
    """
    for start in range(0, len(jobs), queues.BATCH_MESSAGES):
        batch = jobs[start : start + queues.BATCH_MESSAGES]
        queues.send(settings().mail_queue_url, [job.model_dump_json() for job in batch])
