"""What may be done to a post."""

from cgraph.errors import PostDeleted, PostLocked
from cgraph.posts.models import PostRow


def require_there(post: PostRow) -> None:
    """Raises PostDeleted, also where moderators took it away."""
    if post.deleted_at is not None or post.removed_at is not None:
        raise PostDeleted


def require_open(post: PostRow) -> None:
    """Before somebody comments. Raises PostDeleted, PostLocked."""
    require_there(post)
    if post.locked_at is not None:
        raise PostLocked
