"""Tokens (JWT, RFC 7519) with which we show push services who we are."""

import base64
import json
from collections.abc import Mapping

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

Claims = Mapping[str, object]


def es256_token(key: ec.EllipticCurvePrivateKey, claims: Claims, *, key_id: str = "") -> str:
    """The signature is r and s in 32 bytes each."""
    signed = _signed_part("ES256", claims, key_id)
    r, s = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{signed}.{_base64url(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def rs256_token(key: rsa.RSAPrivateKey, claims: Claims, *, key_id: str = "") -> str:
    signed = _signed_part("RS256", claims, key_id)
    return f"{signed}.{_base64url(key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


def _signed_part(algorithm: str, claims: Claims, key_id: str) -> str:
    header = {"typ": "JWT", "alg": algorithm, **({"kid": key_id} if key_id else {})}
    return f"{_json_part(header)}.{_json_part(claims)}"


def _json_part(value: Mapping[str, object]) -> str:
    return _base64url(json.dumps(dict(value), separators=(",", ":")).encode())


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
