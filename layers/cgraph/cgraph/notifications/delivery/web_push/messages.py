"""Push messages as jobs: made in the VPC, where the keys are, and sent outside of it by a function
that can read nothing of them.
"""

import base64
from dataclasses import dataclass
from uuid import UUID

from cgraph.core.fields import Model
from cgraph.core.ids import short
from cgraph.notifications.delivery.web_push import encryption, endpoints, vapid

LIFE_SECONDS = 24 * 3600
"""How long a push service keeps a message for a browser that is not there."""


class WebPushJob(Model):
    """`body`: the encrypted message, in base64. `attempt`: 1 for the first. `made_at`: seconds
    since 1970.
    """

    device_id: UUID
    url: str
    headers: dict[str, str]
    body: str
    made_at: float
    attempt: int = 1


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
