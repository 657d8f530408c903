"""Where push messages of a device go: the subscription of a browser, the token of a phone."""

import re

from cgraph.core.outbound import UrlRefused
from cgraph.notifications.delivery.devices.keys import read_keys
from cgraph.notifications.delivery.devices.models import Address, DeviceDraft
from cgraph.notifications.delivery.errors import (
    InvalidEndpoint,
    InvalidPushToken,
    MissingDeviceField,
)
from cgraph.notifications.delivery.web_push.endpoints import parse_endpoint

_TOKENS = {"apns": re.compile(r"[0-9a-f]{64,200}"), "fcm": re.compile(r"[A-Za-z0-9:_-]{20,2048}")}
"""A token of Apple's is in the path of a request, so no other character may be in it."""


def read_address(draft: DeviceDraft) -> Address:
    """Raises MissingDeviceField, InvalidEndpoint, InvalidPushKey, InvalidPushToken."""
    if draft.platform == "web":
        return _subscription(draft)
    if draft.token is None:
        raise MissingDeviceField("token")
    token = draft.token.lower() if draft.platform == "apns" else draft.token
    if not _TOKENS[draft.platform].fullmatch(token):
        raise InvalidPushToken
    return Address(endpoint=token)


def _subscription(draft: DeviceDraft) -> Address:
    if draft.endpoint is None:
        raise MissingDeviceField("endpoint")
    if draft.keys is None:
        raise MissingDeviceField("keys")
    try:
        parse_endpoint(draft.endpoint)
    except UrlRefused as error:
        raise InvalidEndpoint(str(error)) from None
    public_key, auth = read_keys(draft.keys)
    return Address(endpoint=draft.endpoint, public_key=public_key, auth=auth)
