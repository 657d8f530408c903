"""Which usernames and passwords a new account may not have."""

from functools import cache
from pathlib import Path

from cgraph.accounts.errors import UsernameReserved, WeakPassword

RESERVED_USERNAMES = frozenset(
    (
        # groups that a mention seems to call
        *("all", "here", "everyone", "everybody", "channel", "group", "online", "room"),
        # offices whose words would be believed
        *("admin", "admins", "administrator", "administrators", "moderator", "moderators"),
        *("mod", "mods", "owner", "staff", "team", "official", "support", "help", "helpdesk"),
        *("security", "abuse", "root", "sysadmin", "superuser", "operator", "webmaster"),
        *("postmaster", "hostmaster", "noreply", "mailerdaemon", "cgraph"),
        # machines
        *("api", "system", "bot", "bots", "server", "service", "automod", "webhook"),
        # users that are no users
        *("me", "myself", "self", "you", "user", "users", "deleted", "removed", "unknown"),
        *("anonymous", "guest", "nobody", "null", "undefined", "none", "nil", "nan", "true"),
        "false",
    )
)
"""Compared without `_`, `.` and `-`: `Ad-min` looks like `admin`."""

_SEPARATORS = str.maketrans(dict.fromkeys("_.-"))


def require_free_username(username: str) -> None:
    """Raises UsernameReserved."""
    if username.translate(_SEPARATORS) in RESERVED_USERNAMES:
        raise UsernameReserved


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
