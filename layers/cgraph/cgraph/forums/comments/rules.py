"""What may be done to a comment."""

from cgraph.forums.comments.models import CommentRow
from cgraph.forums.errors import CommentDeleted


def require_there(comment: CommentRow) -> None:
    """Raises CommentDeleted, also where moderators took it away."""
    if not comment.is_there:
        raise CommentDeleted
