"""How a message may be edited, and how long it may be edited and deleted."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from cgraph.chat.errors import DeleteWindowOver, EditWindowOver
from cgraph.chat.messages.models import Message, MessageEdit
from cgraph.chat.policies import ADMINS, ConversationRole
from cgraph.media.uses import rules as uses
from cgraph.media.uses.models import Attachment

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


def require_content(content: str, attachments: Sequence[object] | None) -> None:
    """As for other texts, but beside attachments it may be blank. Raises ValidationFailed."""
    uses.require_text(content, attachments, field="content")


def described(attachments: Iterable[Attachment]) -> list[dict[str, Any]]:
    """As the table keeps them."""
    return [{"id": str(each.id), "alt": each.alt, "spoiler": each.spoiler} for each in attachments]


def edited_attachments(message: Message, edit: MessageEdit) -> list[dict[str, Any]]:
    """The attachments after the edit, as the table keeps them. Raises UploadNotFound, where it
    names another upload.
    """
    return uses.edited_attachments(described(message.attachments), edit.attachments)
