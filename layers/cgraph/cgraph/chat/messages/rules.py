"""What may be done to a message, and for how long; whom its text mentions."""

import re
from datetime import datetime, timedelta

from cgraph.chat.errors import DeleteWindowOver, EditWindowOver
from cgraph.chat.messages.models import Message
from cgraph.chat.policies import ADMINS, Role

EDIT_WINDOW = timedelta(hours=24)
DELETE_WINDOW = timedelta(days=30)
"""Of one's own message; owners and admins may always."""

MENTIONS_AT_MOST = 50

_MENTION = re.compile(r"(?<![\w.@+-])@([A-Za-z0-9][A-Za-z0-9_.-]{1,31}+)(?![\w@])")
"""No part of an e-mail address; a name as fields.Username has it."""


def require_edit_window(message: Message, *, now: datetime) -> None:
    """Raises EditWindowOver."""
    if now - message.created_at > EDIT_WINDOW:
        raise EditWindowOver


def require_delete_window(message: Message, *, role: Role, now: datetime) -> None:
    """Raises DeleteWindowOver."""
    if role not in ADMINS and now - message.created_at > DELETE_WINDOW:
        raise DeleteWindowOver


def names_in(content: str) -> list[str]:
    """In lower case, the first `MENTIONS_AT_MOST`. A name may end in a dot, and so may a sentence:
    then both are asked for.
    """
    found = dict.fromkeys(name.lower() for name in _MENTION.findall(content))
    few = list(found)[:MENTIONS_AT_MOST]
    return list(dict.fromkeys(name for each in few for name in (each, each.rstrip("._-"))))
