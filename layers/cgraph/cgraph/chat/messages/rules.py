"""How long a message may be edited and deleted, and which names its content mentions."""

import re
from datetime import datetime, timedelta

from cgraph.chat.errors import DeleteWindowOver, EditWindowOver
from cgraph.chat.messages.models import Message
from cgraph.chat.policies import ADMINS, ConversationRole

EDIT_WINDOW = timedelta(hours=24)
DELETE_WINDOW = timedelta(days=30)
"""For the author; owners and admins may delete a message at any time."""

MENTIONS_AT_MOST = 50

_MENTION = re.compile(r"(?<![\w.@+-])@([A-Za-z0-9][A-Za-z0-9_.-]{1,31}+)(?![\w@])")
"""Not part of an e-mail address; the name matches `fields.Username`."""


def require_edit_window(message: Message, *, now: datetime) -> None:
    """Raises EditWindowOver."""
    if now - message.created_at > EDIT_WINDOW:
        raise EditWindowOver


def require_delete_window(message: Message, *, role: ConversationRole, now: datetime) -> None:
    """Raises DeleteWindowOver."""
    if role not in ADMINS and now - message.created_at > DELETE_WINDOW:
        raise DeleteWindowOver


def mentioned_names(content: str) -> list[str]:
    """Returns the first `MENTIONS_AT_MOST` names after an `@`, in lower case. A name may end in a
    dot, and so may a sentence: the list then has both forms.
    """
    names = dict.fromkeys(name.lower() for name in _MENTION.findall(content))
    first_names = list(names)[:MENTIONS_AT_MOST]
    return list(dict.fromkeys(form for name in first_names for form in (name, name.rstrip("._-"))))
