"""What may be done to a comment."""

from typing import Any

from cgraph.forums.comments.models import CommentEdit, CommentRow
from cgraph.forums.errors import CommentDeleted
from cgraph.media.uses.rules import edited_attachments, require_text


def require_not_deleted(comment: CommentRow) -> None:
    """Raises CommentDeleted, also where a moderator removed the comment."""
    if comment.deleted_at is not None or comment.removed_at is not None:
        raise CommentDeleted


def edited(comment: CommentRow, edit: CommentEdit) -> tuple[str, list[dict[str, Any]]]:
    """Body and attachments after the edit. Raises ValidationFailed, UploadNotFound."""
    body = comment.body if edit.body is None else edit.body
    require_text(body, comment.attachments, field="body")
    return body, edited_attachments(comment.attachments, edit.attachments)
