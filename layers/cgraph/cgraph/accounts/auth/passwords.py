"""Hashes passwords with argon2id and OWASP's parameters; one hash takes about 20 ms on purpose.

Only the functions that handle a password import this module.
"""

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from cgraph.core import precis

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)

_DUMMY_HASH = _hasher.hash("the password of no account")


def hash_password(password: str) -> str:
    return _hasher.hash(password)


def unusable_hash() -> str:
    """Of a password that nobody knows. A log-in takes as long as with any other."""
    return hash_password(secrets.token_urlsafe(32))


def verify_password(password: str, *, password_hash: str | None) -> bool:
    """Returns whether the password matches in one of the forms that it may have been hashed in.
    Without an account (`password_hash` is None) it takes as long and returns False.
    """
    forms = precis.password_forms(password)
    stored = password_hash or _DUMMY_HASH
    return any(_matches(form, stored) for form in forms) and password_hash is not None


def _matches(password: str, password_hash: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerifyMismatchError, InvalidHashError):
        return False
