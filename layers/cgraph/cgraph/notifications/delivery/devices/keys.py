"""The keys of a push subscription, which a browser gives as text."""

import base64
import binascii

from cgraph.notifications.delivery.devices.models import PushKeys
from cgraph.notifications.delivery.errors import InvalidPushKey

POINT_BYTES, AUTH_BYTES = 65, 16


def read_keys(keys: PushKeys) -> tuple[bytes, bytes]:
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
