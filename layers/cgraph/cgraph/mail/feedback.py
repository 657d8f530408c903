"""What mail servers say about our mails: SES reports it to a topic, and the topic to our queue."""

import json
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict

from cgraph.core import clock, database
from cgraph.core.log import logger
from cgraph.mail import queries


class MailFeedback(BaseModel):
    """An event of SES, as it is or as the `Message` of a notification of SNS."""

    model_config = ConfigDict(extra="allow")


async def record_mail_feedback(feedback: MailFeedback) -> None:
    """An address from which mail came back for good, or whose reader calls it spam, gets no more
    mail. Raises DatabaseUnavailable.
    """
    event = _event(feedback.model_extra or {})
    kind = str(event.get("eventType") or event.get("notificationType") or "").lower()
    if kind == "complaint":
        await _suppress(list(_addresses(event, "complaint", "complainedRecipients")), "complaint")
    elif kind == "bounce" and event["bounce"].get("bounceType") == "Permanent":
        await _suppress(list(_addresses(event, "bounce", "bouncedRecipients")), "bounce")
    else:
        logger.info("mail_feedback_ignored", extra={"kind": kind})


def _event(body: dict[str, Any]) -> dict[str, Any]:
    return dict(json.loads(body["Message"])) if "Message" in body else body


def _addresses(event: dict[str, Any], part: str, recipients: str) -> Iterator[str]:
    """Without a display name around them."""
    for recipient in event[part].get(recipients, ()):
        address = str(recipient["emailAddress"])
        yield address.rpartition("<")[2].rstrip(">").strip()


async def _suppress(addresses: list[str], reason: str) -> None:
    async with database.autocommit() as tx:
        added = await queries.suppress(tx, addresses=addresses, reason=reason, now=clock.now())
    logger.warning("mail_suppressed", extra={"reason": reason, "addresses": added})
