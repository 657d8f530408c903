"""Push messages as jobs: made in the VPC, where the keys are, and sent outside of it by a function
that can read nothing of them.
"""

import base64
from dataclasses import dataclass
from uuid import UUID

from cgraph.core.ids import short
from cgraph.notifications.delivery.push_attempts import LIFE_SECONDS, PushJob
from cgraph.notifications.delivery.web_push import encryption, endpoints, vapid


class WebPushJob(PushJob):
    """`body`: the encrypted message, in base64."""

    url: str
    headers: dict[str, str]
    body: str


@dataclass(frozen=True, slots=True)
class Subscription:
    device_id: UUID
    endpoint: str
    public_key: bytes
    auth: bytes


@dataclass(frozen=True, slots=True)
class PushMessage:
    """`topic`: a later message of the same one replaces this one, where it was not shown yet."""

    content: bytes
    topic: UUID
    is_urgent: bool


def push_job(
    message: PushMessage, *, to: Subscription, secret: bytes, contact: str, now: float
) -> WebPushJob:
    """`secret`: of VAPID. Raises UrlRefused, ValueError where the subscription is of no use."""
    origin = endpoints.parse_endpoint(to.endpoint).origin
    headers = {
        "content-type": "application/octet-stream",
        "content-encoding": "aes128gcm",
        "ttl": str(LIFE_SECONDS),
        "urgency": "high" if message.is_urgent else "normal",
        "topic": short(message.topic),
        "authorization": vapid.authorization(
            vapid.private_key(secret), origin=origin, contact=contact
        ),
    }
    body = encryption.encrypt(message.content, public_key=to.public_key, auth=to.auth)
    return WebPushJob(
        device_id=to.device_id,
        url=to.endpoint,
        headers=headers,
        body=base64.b64encode(body).decode(),
        made_at=now,
    )
