"""VAPID (RFC 8292): shows push services that the messages to a subscription come from whom the
browser subscribed to.
"""

import base64
import json
import time
from functools import lru_cache

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

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
        token = _token(key, {"aud": origin, "exp": int(now) + LIFE_SECONDS, "sub": contact})
        _tokens[origin, contact, public] = token, now + LIFE_SECONDS / 2
    return f"vapid t={token}, k={public}"


def _token(key: ec.EllipticCurvePrivateKey, claims: dict[str, object]) -> str:
    """JWT with ES256, whose signature is r and s in 32 bytes each."""
    signed = f"{_part({'typ': 'JWT', 'alg': 'ES256'})}.{_part(claims)}"
    r, s = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{signed}.{_base64url(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def _part(claims: dict[str, object]) -> str:
    return _base64url(json.dumps(claims, separators=(",", ":")).encode())


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
