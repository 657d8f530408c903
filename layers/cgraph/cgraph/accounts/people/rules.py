"""Which usernames nobody may have, and how many a user keeps."""

from cgraph.accounts.errors import UsernameReserved

FORMER_NAMES_AT_MOST = 3
"""Former usernames that a user keeps at the same time, each for 90 days."""

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
