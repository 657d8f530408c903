"""What may be done to a comment."""

from cgraph.forums.comments.models import CommentRow
from cgraph.forums.errors import CommentDeleted


def require_not_deleted(comment: CommentRow) -> None:
    """Raises CommentDeleted, also where a moderator removed the comment."""
    if comment.deleted_at is not None or comment.removed_at is not None:
        raise CommentDeleted
