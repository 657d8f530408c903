"""Encryption of push messages (RFC 8291, with `aes128gcm` of RFC 8188): the push service carries
what only the browser can read.
"""

import os

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

RECORD_BYTES = 4096
CONTENT_BYTES = 2048
"""Of a message; push services take at least 4096 bytes of ciphertext."""

PADDED_TO = 256
"""The length of a message says less about it where it is a multiple of this."""

_CURVE = ec.SECP256R1()
_LAST_RECORD = b"\x02"


def encrypt(content: bytes, *, public_key: bytes, auth: bytes) -> bytes:
    """The body of the request to the push service. `public_key` and `auth`: of the subscription."""
    if len(content) > CONTENT_BYTES:
        raise ValueError(f"a push message has at most {CONTENT_BYTES} bytes")
    receiver = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, public_key)
    own, salt = ec.generate_private_key(_CURVE), os.urandom(16)
    own_public = own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    info = b"WebPush: info\x00" + public_key + own_public
    secret = _hkdf(own.exchange(ec.ECDH(), receiver), salt=auth, info=info, length=32)
    key = _hkdf(secret, salt=salt, info=b"Content-Encoding: aes128gcm\x00", length=16)
    nonce = _hkdf(secret, salt=salt, info=b"Content-Encoding: nonce\x00", length=12)
    padding = bytes(-(len(content) + 1) % PADDED_TO)
    sealed = AESGCM(key).encrypt(nonce, content + _LAST_RECORD + padding, None)
    head = salt + RECORD_BYTES.to_bytes(4, "big") + bytes([len(own_public)]) + own_public
    return head + sealed


def _hkdf(secret: bytes, *, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(secret)
