"""Signed URLs of CloudFront: a policy that names the objects of one upload and a moment, and what
proves that the policy is ours. The local edge verifies with the same code.

One signature opens all objects of an upload, which the same people may see: a picture has four.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from cgraph.core import snapstart

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

snapstart.imported_on_use("cryptography.hazmat.primitives.serialization")
snapstart.imported_on_use("cryptography.hazmat.primitives.asymmetric.padding")

PRIVATE, PUBLIC = "media", "public"
"""The folders of the bucket that are served: with a signature, and without one."""

PRIVATE_PATH = re.compile(rf"/{PRIVATE}/([0-9a-f-]{{36}})/[A-Za-z0-9][A-Za-z0-9._-]{{0,99}}")
PUBLIC_PATH = re.compile(rf"/{PUBLIC}/([0-9a-f-]{{36}})/[A-Za-z0-9][A-Za-z0-9._-]{{0,99}}")

_TO_URL = str.maketrans("+=/", "-_~")
_FROM_URL = str.maketrans("-_~", "+=/")

PARAMETERS = ("Policy", "Signature", "Key-Pair-Id")


class UrlRefused(Exception):
    """No signature, or one that does not open this object now. The message says which, for logs:
    clients hear only that it is refused.
    """


def policy(base: str, upload: str, *, expires: int) -> bytes:
    """What is signed. `base`: the URL of the edge; `expires`: seconds since the epoch."""
    return json.dumps(
        {
            "Statement": [
                {
                    "Resource": f"{base}/{PRIVATE}/{upload}/*",
                    "Condition": {"DateLessThan": {"AWS:EpochTime": expires}},
                }
            ]
        },
        separators=(",", ":"),
    ).encode()


def signed_query(base: str, upload: str, *, expires: int, key: "RSAPrivateKey", key_id: str) -> str:
    """What follows the question mark of each URL of this upload."""
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA1

    signed = policy(base, upload, expires=expires)
    # CloudFront verifies RSA over SHA-1 only.
    signature = key.sign(signed, PKCS1v15(), SHA1())  # noqa: S303
    return f"Policy={_encode(signed)}&Signature={_encode(signature)}&Key-Pair-Id={key_id}"


def verify(
    path: str, query: str, *, base: str, keys: Mapping[str, "RSAPublicKey"], now: float
) -> int:
    """When the signature ends. `path`: as it was sent; `keys`: by their ids. Raises UrlRefused."""
    found = PRIVATE_PATH.fullmatch(path)
    if found is None:
        raise UrlRefused("it is no object's path")
    given = _parameters(query)
    key = keys.get(given["Key-Pair-Id"])
    if key is None:
        raise UrlRefused("the key is not of the group")
    signed, signature = _decode(given["Policy"]), _decode(given["Signature"])
    _verify_signature(key, signature, signed)
    expires = _expires(signed)
    if signed != policy(base, found[1], expires=expires):
        raise UrlRefused("it is signed for something else")
    if expires <= now:
        raise UrlRefused("it has expired")
    return expires


def load_private_key(pem: bytes) -> "RSAPrivateKey":
    """Raises ValueError where it is no RSA key of 2048 bits, as CloudFront takes them."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    key = load_pem_private_key(pem, password=None)
    if not isinstance(key, RSAPrivateKey) or key.key_size != 2048:
        raise ValueError("CloudFront signs with RSA keys of 2048 bits")
    return key


def _parameters(query: str) -> Mapping[str, str]:
    given = parse_qs(query, keep_blank_values=True)
    if any(len(given.get(name, ())) != 1 for name in PARAMETERS):
        raise UrlRefused("it is not signed")
    return {name: given[name][0] for name in PARAMETERS}


def _verify_signature(key: "RSAPublicKey", signature: bytes, signed: bytes) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA1

    try:
        key.verify(signature, signed, PKCS1v15(), SHA1())  # noqa: S303
    except InvalidSignature:
        raise UrlRefused("the signature is not of this key") from None


def _expires(signed: bytes) -> int:
    try:
        return int(json.loads(signed)["Statement"][0]["Condition"]["DateLessThan"]["AWS:EpochTime"])
    except (ValueError, TypeError, KeyError, IndexError):
        raise UrlRefused("it is no policy of ours") from None


def _encode(signed: bytes) -> str:
    """Base64 in the alphabet of CloudFront, which needs no escapes in a URL."""
    return base64.b64encode(signed).decode().translate(_TO_URL)


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text.translate(_FROM_URL), validate=True)
    except (binascii.Error, ValueError):
        raise UrlRefused("it is not base64") from None
