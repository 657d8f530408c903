"""Codes by time (RFC 6238: SHA-1, six digits, 30 s), and the backup codes for when
there are none.
"""

import base64
import hashlib
import secrets
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyotp import TOTP

ISSUER = "CGraph"
SECRET_BYTES = 20
WINDOW = 1
"""Steps that a clock may be off, either way."""

BACKUP_CODES = 10
BACKUP_BYTES = 10
DIGITS = 6


def new_secret() -> bytes:
    return secrets.token_bytes(SECRET_BYTES)


def readable(secret: bytes) -> str:
    """In base32, as one types it into an app."""
    return base64.b32encode(secret).decode()


def uri(secret: bytes, *, username: str) -> str:
    """As one shows it to an app's camera."""
    return _totp(secret).provisioning_uri(name=username, issuer_name=ISSUER)


def step_of(code: str, *, secret: bytes, now: datetime) -> int | None:
    """The step of 30 s whose code this is, within the window; None where it is no code of now."""
    from pyotp.exceptions import OTPVerificationError

    try:
        return _totp(secret).verify_and_get_timecode(code, for_time=now, valid_window=WINDOW)
    except OTPVerificationError:
        return None


def new_backup_codes() -> list[str]:
    """Of 80 random bits each: XXXX-XXXX-XXXX-XXXX."""
    texts = [readable(secrets.token_bytes(BACKUP_BYTES)) for _ in range(BACKUP_CODES)]
    return ["-".join(text[start : start + 4] for start in range(0, 16, 4)) for text in texts]


def plain(code: str) -> str:
    """Without what people put between the characters."""
    return "".join(code.split()).replace("-", "").upper()


def is_by_time(code: str) -> bool:
    """Of a plain one; every other is taken for a backup code, which is longer."""
    return len(code) == DIGITS


def backup_hash(code: str) -> bytes:
    """Of a plain one."""
    return hashlib.sha256(code.encode()).digest()


def _totp(secret: bytes) -> "TOTP":
    import pyotp  # few accounts have a second factor, and every log-in imports this module

    return pyotp.TOTP(readable(secret))
