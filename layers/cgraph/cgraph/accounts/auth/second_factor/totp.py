"""Codes of the second factor: TOTP (RFC 6238: SHA-1, six digits, 30 s), and backup codes."""

import base64
import hashlib
import secrets
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyotp import TOTP

ISSUER = "CGraph"
SECRET_BYTES = 20
WINDOW_STEPS = 1
"""Steps that the clock of the authenticator app may be off, either way."""

BACKUP_CODE_COUNT = 10
BACKUP_CODE_BYTES = 10
TOTP_DIGITS = 6


def new_secret() -> bytes:
    return secrets.token_bytes(SECRET_BYTES)


def to_base32(secret: bytes) -> str:
    """The form in which users type a secret into their app."""
    return base64.b32encode(secret).decode()


def provisioning_uri(secret: bytes, *, username: str) -> str:
    """The `otpauth://` URI that apps read as a QR code."""
    return _totp(secret).provisioning_uri(name=username, issuer_name=ISSUER)


def time_step_of(code: str, *, secret: bytes, now: datetime) -> int | None:
    """The number of the 30 s step that the code belongs to, or None if the code is not valid within
    `WINDOW_STEPS` of `now`.
    """
    from pyotp.exceptions import OTPVerificationError

    try:
        return _totp(secret).verify_and_get_timecode(code, for_time=now, valid_window=WINDOW_STEPS)
    except OTPVerificationError:
        return None


def new_backup_codes() -> list[str]:
    """Codes of 80 random bits each: XXXX-XXXX-XXXX-XXXX."""
    texts = [to_base32(secrets.token_bytes(BACKUP_CODE_BYTES)) for _ in range(BACKUP_CODE_COUNT)]
    return ["-".join(text[start : start + 4] for start in range(0, 16, 4)) for text in texts]


def normalize_code(code: str) -> str:
    """Removes spaces and hyphens, and makes letters upper case."""
    return "".join(code.split()).replace("-", "").upper()


def is_totp_code(code: str) -> bool:
    """Tells a normalized TOTP code from a backup code, which is longer."""
    return len(code) == TOTP_DIGITS


def hash_backup_code(code: str) -> bytes:
    """`code`: normalized. A fast hash is enough for 80 random bits."""
    return hashlib.sha256(code.encode()).digest()


def _totp(secret: bytes) -> "TOTP":
    import pyotp  # few accounts have a second factor, and every log-in imports this module

    return pyotp.TOTP(to_base32(secret))
