"""The worker of push messages: gives each to its push service. It runs outside the VPC, because the
URL is one that a person gave, and holds no key.
"""

import base64
import time
from http import HTTPStatus

from cgraph.core import metrics, outbound, queues
from cgraph.core.encoding import encode_json
from cgraph.core.log import logger
from cgraph.core.outbound import AddressRefused, UrlRefused
from cgraph.core.outbound_response import OutboundResponse
from cgraph.core.settings import settings
from cgraph.notifications.delivery.web_push import endpoints
from cgraph.notifications.delivery.web_push.messages import LIFE_SECONDS, WebPushJob

TIMEOUT_SECONDS = 8.0
ATTEMPTS_MAX = 6
DELAY_SECONDS = 900
"""The longest that SQS delays a message."""

GONE = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)
LATER = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_TIMEOUT)


async def send_web_push(job: WebPushJob) -> None:
    """A subscription that has ended is reported to the delivery queue; what may succeed later is
    tried again later. Raises QueueUnavailable.
    """
    try:
        url = endpoints.parse_endpoint(job.url)
        response = await outbound.request(
            "POST",
            url,
            headers=job.headers,
            body=base64.b64decode(job.body),
            seconds=TIMEOUT_SECONDS,
            response_bytes=512,
            egress=endpoints.EGRESS,
        )
    except (UrlRefused, AddressRefused) as error:
        _end(job, reason=str(error))
    except OSError as error:
        _retry(job, reason=repr(error), pause=0)
    else:
        _judge(job, response)


def _judge(job: WebPushJob, response: OutboundResponse) -> None:
    if response.status in GONE:
        _end(job, reason=str(response.status))
    elif response.status < HTTPStatus.MULTIPLE_CHOICES:
        metrics.add_property("web_pushes_sent", 1)
        metrics.add_property("web_push_lag_ms", int((time.time() - job.made_at) * 1000))
    elif response.status in LATER or response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        pause = response.headers.get("retry-after", "")
        _retry(job, reason=str(response.status), pause=int(pause) if pause.isdecimal() else 0)
    else:
        text = response.body[:200].decode(errors="replace")
        _drop(job, reason=f"{response.status} {text}")


def _end(job: WebPushJob, *, reason: str) -> None:
    logger.info("subscription_ended", extra={"device": str(job.device_id), "reason": reason})
    body = encode_json({"gone": [str(job.device_id)]})
    queues.send(settings().delivery_queue_url, [body])


def _retry(job: WebPushJob, *, reason: str, pause: int) -> None:
    if job.attempt >= ATTEMPTS_MAX or time.time() - job.made_at > LIFE_SECONDS:
        _drop(job, reason=reason)
        return
    delay = min(max(pause, 4**job.attempt), DELAY_SECONDS)
    logger.warning("web_push_delayed", extra={"reason": reason, "seconds": delay})
    again = job.model_copy(update={"attempt": job.attempt + 1})
    queues.send(settings().web_push_queue_url, [again.model_dump_json()], delay_seconds=delay)


def _drop(job: WebPushJob, *, reason: str) -> None:
    metrics.count("web_push.failed")
    about = {"device": str(job.device_id), "reason": reason, "attempt": job.attempt}
    logger.error("web_push_dropped", extra=about)
