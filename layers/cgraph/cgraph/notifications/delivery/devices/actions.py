"""The devices that get push messages, each for as long as the session that registered it."""

import base64
import binascii
import os
from collections.abc import Sequence
from uuid import UUID

from cgraph.core import clock
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.ids import uuid7
from cgraph.core.outbound import UrlRefused
from cgraph.core.pagination import page_json
from cgraph.core.settings import settings
from cgraph.notifications.delivery.devices import queries
from cgraph.notifications.delivery.devices.models import Device, DeviceDraft, PushKey, PushKeys
from cgraph.notifications.delivery.errors import (
    DeviceNotFound,
    InvalidEndpoint,
    InvalidPushKey,
    PlatformNotAvailable,
)
from cgraph.notifications.delivery.web_push.endpoints import parse_endpoint

DEVICES_AT_MOST = 20
POINT_BYTES, AUTH_BYTES = 65, 16
KEY_BYTES = 32


async def show_push_key(tx: Transaction) -> PushKey:
    """Raises PlatformNotAvailable."""
    _require_web_push()
    from cgraph.notifications.delivery.web_push import vapid  # imports cryptography

    key = vapid.private_key(await vapid_secret(tx))
    return PushKey(public_key=vapid.public_key(key))


async def add_device(tx: Transaction, *, caller: Caller, draft: DeviceDraft) -> Device:
    """Raises PlatformNotAvailable, InvalidEndpoint, InvalidPushKey."""
    if draft.platform != "web":
        raise PlatformNotAvailable
    _require_web_push()
    try:
        parse_endpoint(draft.endpoint)
    except UrlRefused as error:
        raise InvalidEndpoint(str(error)) from None
    now = clock.now()
    device = Device(id=uuid7(now), platform=draft.platform, created_at=now, is_current=True)
    added = await queries.put_device(
        tx,
        device=device,
        user_id=caller.id,
        session_id=caller.session_id,
        endpoint=draft.endpoint,
        keys=_keys(draft.keys),
        most=DEVICES_AT_MOST,
    )
    assert added is not None, "the statement always returns one row"
    return added


async def list_devices(tx: Transaction, *, caller: Caller) -> str:
    """Returns all as one page of Device as JSON, newest first."""
    rows = await queries.list_devices(tx, user_id=caller.id, session_id=caller.session_id)
    return page_json(
        rows, limit=DEVICES_AT_MOST, scope=f"devices:{caller.id}", position=lambda row: (row.id,)
    )


async def remove_device(tx: Transaction, *, caller: Caller, id: UUID) -> None:
    """Raises DeviceNotFound."""
    if not await queries.delete_device(tx, id=id, user_id=caller.id):
        raise DeviceNotFound


async def forget_devices(tx: Transaction, *, ids: Sequence[UUID]) -> int:
    """Those that their push services do not know any more."""
    return await queries.delete_devices(tx, ids=list(ids))


async def vapid_secret(tx: Transaction) -> bytes:
    """Of this installation; the first caller makes it."""
    return await queries.server_key(
        tx, name="vapid", candidate=os.urandom(KEY_BYTES), now=clock.now()
    )


def _require_web_push() -> None:
    """Raises PlatformNotAvailable."""
    if not settings().push_contact:
        raise PlatformNotAvailable


def _keys(keys: PushKeys) -> tuple[bytes, bytes]:
    """Raises InvalidPushKey."""
    point = _decode(keys.p256dh, field="keys.p256dh", length=POINT_BYTES)
    if not _is_on_curve(point):
        raise InvalidPushKey("keys.p256dh")
    return point, _decode(keys.auth, field="keys.auth", length=AUTH_BYTES)


def _decode(text: str, *, field: str, length: int) -> bytes:
    try:
        raw = base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), b"-_", True)
    except (binascii.Error, ValueError):
        raise InvalidPushKey(field) from None
    if len(raw) != length:
        raise InvalidPushKey(field)
    return raw


_P = 2**256 - 2**224 + 2**192 + 2**96 - 1
_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B


def _is_on_curve(point: bytes) -> bool:
    """Of P-256, uncompressed: y² = x³ - 3x + b. To import cryptography for it takes 40 ms."""
    x, y = int.from_bytes(point[1:33], "big"), int.from_bytes(point[33:], "big")
    return point[0] == 4 and max(x, y) < _P and (y * y - (x * x - 3) * x - _B) % _P == 0
