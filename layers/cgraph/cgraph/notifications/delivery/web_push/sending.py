"""The worker of push messages: gives each to its push service. It runs outside the VPC, because the
URL is one that a person gave, and holds no key.
"""

import base64
from http import HTTPStatus

from cgraph.core import metrics, outbound
from cgraph.core.outbound import AddressRefused, UrlRefused
from cgraph.core.outbound_response import OutboundResponse
from cgraph.core.settings import settings
from cgraph.notifications.delivery.push_attempts import (
    Channel,
    Refused,
    follow_up,
    pause_of,
    report_sent,
)
from cgraph.notifications.delivery.web_push import endpoints
from cgraph.notifications.delivery.web_push.messages import WebPushJob

TIMEOUT_SECONDS = 8.0

GONE = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)
LATER = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_TIMEOUT)


async def send_web_push(job: WebPushJob) -> None:
    """A subscription that has ended is reported to the delivery queue; what may succeed later is
    tried again later. Raises QueueUnavailable.
    """
    channel = Channel("web_push", settings().web_push_queue_url)
    refused = await _give(job)
    if refused is None:
        report_sent(job, via=channel)
    elif follow_up(job, refused, via=channel):
        metrics.count("web_push.failed")


async def _give(job: WebPushJob) -> Refused | None:
    """None where the push service took it."""
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
        return Refused("gone", str(error))
    except OSError as error:
        return Refused("later", repr(error))
    return _refusal(response)


def _refusal(response: OutboundResponse) -> Refused | None:
    if response.status in GONE:
        return Refused("gone", str(response.status))
    if response.status < HTTPStatus.MULTIPLE_CHOICES:
        return None
    if response.status in LATER or response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        pause = pause_of(response.headers.get("retry-after", ""))
        return Refused("later", str(response.status), pause)
    return Refused("never", f"{response.status} {response.body[:200].decode(errors='replace')}")
