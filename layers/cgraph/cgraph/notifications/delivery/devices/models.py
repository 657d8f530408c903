from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from cgraph.core.clock import Timestamp
from cgraph.core.fields import Body, Model, Token
from cgraph.notifications.delivery.platforms import Platform

Endpoint = Annotated[str, StringConstraints(min_length=1, max_length=2048), Token("endpoint")]
Key = Annotated[str, StringConstraints(min_length=1, max_length=128), Token("key")]
DeviceToken = Annotated[
    str, StringConstraints(min_length=1, max_length=2048), Token("device token")
]


class PushKeys(Body):
    """As `PushSubscription.toJSON()` gives them."""

    p256dh: Key = Field(description="Public key of the subscription, in base64url.")
    auth: Key = Field(description="Secret of the subscription, in base64url.")


class DeviceDraft(Body):
    """A browser's push subscription, as its `toJSON()` gives it, with the platform `web`; or the
    token of an app on a phone.
    """

    platform: Platform = Field(description="`web`, or Apple's (`apns`) or Google's (`fcm`) phones.")
    endpoint: Endpoint | None = Field(
        default=None, description="Of `web`: URL that the browser's push service gave."
    )
    keys: PushKeys | None = Field(default=None, description="Of `web`.")
    token: DeviceToken | None = Field(
        default=None,
        description="Of `apns` (the device token, in hexadecimal digits) and `fcm` "
        "(the registration token).",
    )


class Device(Model):
    """A device that gets push messages of the caller."""

    id: UUID
    platform: Platform = Field(
        description="What sends to it: the push service of a browser (`web`), Apple (`apns`) or "
        "Google (`fcm`)."
    )
    created_at: Timestamp
    is_current: bool = Field(description="Whether the session of the request registered it.")


class PushKey(Model):
    """The key of this installation, to which browsers bind a subscription."""

    public_key: str = Field(description="`applicationServerKey` of a subscription, in base64url.")


@dataclass(frozen=True, slots=True)
class Address:
    """`endpoint`: a URL, with both keys of the subscription, or a token."""

    endpoint: str
    public_key: bytes | None = None
    auth: bytes | None = None


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """`json`: a Device."""

    id: UUID
    json: str
