"""Which passwords an account may not have."""

from functools import cache
from pathlib import Path

from cgraph.accounts.errors import WeakPassword


def require_strong_password(password: str, *, username: str, email: str, field: str) -> None:
    """Refuses what everybody tries first. Raises WeakPassword, which names the `field`."""
    known = {username.casefold(), email.casefold(), email.rpartition("@")[0].casefold()}
    if password.casefold() in known:
        raise WeakPassword(field, "must not be the username or the e-mail address")
    if len(set(password.strip())) <= 1:
        raise WeakPassword(field, "must not be one character repeated")
    if password.casefold() in _common_passwords():
        raise WeakPassword(field, "must not be one of the most common passwords")


@cache
def _common_passwords() -> frozenset[str]:
    """Read on first use, in two milliseconds."""
    path = Path(__file__).with_name("common_passwords.txt")
    return frozenset(path.read_text(encoding="utf-8").splitlines()[1:])
