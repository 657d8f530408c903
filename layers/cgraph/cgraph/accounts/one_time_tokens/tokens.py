"""One-time tokens: what a link in a mail carries, and the code of six digits beside it. Only their
hashes are stored. A token has 256 random bits, so a fast hash is enough; a code is bound to the
token's id, and to few tries within a short time.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from cgraph.core import ids

TOKEN_BYTES = 32
CODE_DIGITS = 6
CODE_TRIES = 5
"""Wrong codes after which a mail's code is refused; its link still works."""


class Purpose(StrEnum):
    VERIFY_EMAIL = "verify_email"
    CHANGE_EMAIL = "change_email"
    RESTORE_EMAIL = "restore_email"
    RESET_PASSWORD = "reset_password"  # noqa: S105 (a purpose)


LIFETIMES = {
    Purpose.VERIFY_EMAIL: timedelta(minutes=30),
    Purpose.CHANGE_EMAIL: timedelta(minutes=30),
    Purpose.RESTORE_EMAIL: timedelta(days=7),
    Purpose.RESET_PASSWORD: timedelta(minutes=30),
}


@dataclass(frozen=True, slots=True)
class OneTimeToken:
    """A new one. `text`: of the link. `code`: of those that have one."""

    id: UUID
    purpose: Purpose
    text: str
    code: str
    created_at: datetime

    @property
    def values(self) -> dict[str, object]:
        """Of a statement that stores it."""
        return {
            "token_id": self.id,
            "purpose": self.purpose,
            "hash": hash_token(self.text),
            "code_hash": hash_code(self.code, id=self.id),
            "now": self.created_at,
            "expires_at": self.created_at + LIFETIMES[self.purpose],
        }


def new_one_time_token(purpose: Purpose, *, now: datetime) -> OneTimeToken:
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
    return OneTimeToken(ids.uuid7(now), purpose, secrets.token_urlsafe(TOKEN_BYTES), code, now)


def hash_token(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def hash_code(code: str, *, id: UUID) -> bytes:
    """As `verify_email` in SQL computes it."""
    return hashlib.sha256(id.bytes + code.encode()).digest()


def normalize_code(code: str) -> str:
    """Without the spaces and hyphens that people type."""
    return "".join(code.split()).replace("-", "")
