"""What follows when a push service does not take a message: it is tried again later, dropped, or
its device is forgotten.
"""

import time
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from cgraph.core import metrics, queues
from cgraph.core.encoding import encode_json
from cgraph.core.fields import Model
from cgraph.core.log import logger
from cgraph.core.settings import settings

LIFE_SECONDS = 24 * 3600
"""How long a push service keeps a message for a device that is not there."""

ATTEMPTS_MAX = 6
DELAY_SECONDS = 900
"""The longest that SQS delays a message."""


class PushJob(Model):
    """A message to one device. `attempt`: 1 for the first. `made_at`: seconds since 1970."""

    device_id: UUID
    made_at: float
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a push service did not take a message. `gone`: it does not know the device any more;
    `later`: it may take the message after `pause` seconds; `never`: it refuses this message.
    """

    outcome: Literal["gone", "later", "never"]
    reason: str
    pause: int = 0


@dataclass(frozen=True, slots=True)
class Channel:
    """`name`: the beginning of what it logs."""

    name: str
    queue_url: str


def report_sent(job: PushJob, *, via: Channel) -> None:
    metrics.add_property(f"{via.name}_sent", 1)
    metrics.add_property(f"{via.name}_lag_ms", int((time.time() - job.made_at) * 1000))


def follow_up(job: PushJob, refused: Refused, *, via: Channel) -> bool:
    """Returns whether the message was dropped. Raises QueueUnavailable."""
    if refused.outcome == "gone":
        _end(job, reason=refused.reason)
    elif refused.outcome == "later" and _has_time(job):
        _retry(job, refused, via=via)
    else:
        about = {"device": str(job.device_id), "reason": refused.reason, "attempt": job.attempt}
        logger.error(f"{via.name}_dropped", extra=about)
        return True
    return False


def pause_of(retry_after: str) -> int:
    """Of the header: in seconds; a date counts as none."""
    return int(retry_after) if retry_after.isdecimal() else 0


def _has_time(job: PushJob) -> bool:
    return job.attempt < ATTEMPTS_MAX and time.time() - job.made_at <= LIFE_SECONDS


def _end(job: PushJob, *, reason: str) -> None:
    logger.info("subscription_ended", extra={"device": str(job.device_id), "reason": reason})
    body = encode_json({"gone": [str(job.device_id)]})
    queues.send(settings().delivery_queue_url, [body])


def _retry(job: PushJob, refused: Refused, *, via: Channel) -> None:
    delay = min(max(refused.pause, 4**job.attempt), DELAY_SECONDS)
    logger.warning(f"{via.name}_delayed", extra={"reason": refused.reason, "seconds": delay})
    again = job.model_copy(update={"attempt": job.attempt + 1})
    queues.send(via.queue_url, [again.model_dump_json()], delay_seconds=delay)
