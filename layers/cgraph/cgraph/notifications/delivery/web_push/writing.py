"""Writes the push messages about notifications."""

import time
from collections.abc import Mapping, Sequence
from uuid import UUID

from cgraph.core.log import logger
from cgraph.core.settings import settings
from cgraph.notifications.delivery.models import ContentRow, RecipientRow, SubscriptionRow
from cgraph.notifications.delivery.sentences import push_content
from cgraph.notifications.delivery.web_push.messages import (
    PushMessage,
    Subscription,
    WebPushJob,
    push_job,
)

RINGING = 2


def write_messages(
    messages: Sequence[tuple[ContentRow, SubscriptionRow]],
    *,
    recipients: Mapping[UUID, RecipientRow],
    secret: bytes,
) -> list[WebPushJob]:
    """One job for each. A subscription that is of no use is left out and logged.

    `secret`: of VAPID.
    """
    jobs = []
    for content, row in messages:
        try:
            jobs.append(_job(content, row, recipient=recipients[row.user_id], secret=secret))
        except ValueError as error:
            about = {"device": str(row.id), "reason": str(error)}
            logger.error("web_push_not_written", extra=about)
    return jobs


def _job(
    content: ContentRow, row: SubscriptionRow, *, recipient: RecipientRow, secret: bytes
) -> WebPushJob:
    """Raises ValueError."""
    assert row.public_key is not None and row.auth is not None, "a browser has both"
    message = PushMessage(
        content=push_content(content, to=recipient),
        topic=content.id,
        is_urgent=content.level >= RINGING,
    )
    subscription = Subscription(row.id, row.endpoint, row.public_key, row.auth)
    return push_job(
        message,
        to=subscription,
        secret=secret,
        contact=settings().push_contact,
        now=time.time(),
    )
