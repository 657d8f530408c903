"""VAPID (RFC 8292): shows push services that the messages to a subscription come from whom the
browser subscribed to.
"""

import base64
import time
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cgraph.notifications.delivery.signed_tokens import es256_token

CURVE = ec.SECP256R1()
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

LIFE_SECONDS = 12 * 3600
"""Of a token; push services refuse more than a day."""

_tokens: dict[tuple[str, str, str], tuple[str, float]] = {}
"""By origin, contact and public key, with the time from which on there is a new one."""


@lru_cache(maxsize=2)
def private_key(secret: bytes) -> ec.EllipticCurvePrivateKey:
    """The key that 32 random bytes stand for."""
    return ec.derive_private_key(int.from_bytes(secret, "big") % (ORDER - 1) + 1, CURVE)


def public_key(key: ec.EllipticCurvePrivateKey) -> str:
    """As a browser and the header have it."""
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return _base64url(point)


def authorization(key: ec.EllipticCurvePrivateKey, *, origin: str, contact: str) -> str:
    """The header of a message to a push service, with a token that is used again for its origin."""
    public = public_key(key)
    token, renewed_at = _tokens.get((origin, contact, public), ("", 0.0))
    now = time.time()
    if now >= renewed_at:
        claims = {"aud": origin, "exp": int(now) + LIFE_SECONDS, "sub": contact}
        token = es256_token(key, claims)
        _tokens[origin, contact, public] = token, now + LIFE_SECONDS / 2
    return f"vapid t={token}, k={public}"


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
