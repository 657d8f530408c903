"""How long a message may be edited and deleted."""

from datetime import datetime, timedelta

from cgraph.chat.errors import DeleteWindowOver, EditWindowOver
from cgraph.chat.messages.models import Message
from cgraph.chat.policies import ADMINS, ConversationRole

EDIT_WINDOW = timedelta(hours=24)
DELETE_WINDOW = timedelta(days=30)
"""For the author; owners and admins may delete a message at any time."""


def require_edit_window(message: Message, *, now: datetime) -> None:
    """Raises EditWindowOver."""
    if now - message.created_at > EDIT_WINDOW:
        raise EditWindowOver


def require_delete_window(message: Message, *, role: ConversationRole, now: datetime) -> None:
    """Raises DeleteWindowOver."""
    if role not in ADMINS and now - message.created_at > DELETE_WINDOW:
        raise DeleteWindowOver
