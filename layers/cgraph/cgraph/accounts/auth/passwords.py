"""argon2id with OWASP's parameters; about 20 ms on purpose. Only the functions that meet a password
import this.
"""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)

_NOBODY = _hasher.hash("nobody's password")


def hash_password(password: str) -> str:
    return _hasher.hash(password)


def matches(password: str, *, password_hash: str | None) -> bool:
    """Takes as long where there is no such account (None)."""
    try:
        _hasher.verify(password_hash or _NOBODY, password)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return password_hash is not None
