"""What may be done to a post."""

from collections.abc import Sequence

from cgraph.forums.errors import InvalidTags, PostDeleted, PostLocked
from cgraph.forums.models import ForumAccess
from cgraph.forums.posts.models import PostRow


def require_there(post: PostRow) -> None:
    """Raises PostDeleted, also where moderators took it away."""
    if post.deleted_at is not None or post.removed_at is not None:
        raise PostDeleted


def require_open(post: PostRow) -> None:
    """Before somebody comments. Raises PostDeleted, PostLocked."""
    require_there(post)
    if post.locked_at is not None:
        raise PostLocked


def fitting_tags(tags: Sequence[str], *, place: ForumAccess) -> list[str]:
    """As the forum spells them. Raises InvalidTags."""
    if place.tag_required and not tags:
        raise InvalidTags("In this forum a post has a tag")
    if not place.tags:
        return list(tags)
    known = {tag.casefold(): tag for tag in place.tags}
    strange = [tag for tag in tags if tag.casefold() not in known]
    if strange:
        raise InvalidTags(f"This forum does not have the tag {strange[0]!r}")
    return [known[tag.casefold()] for tag in tags]


def known_tags(tags: Sequence[str], *, place: ForumAccess) -> list[str]:
    """Those of a post that goes to another forum which that one has too."""
    if not place.tags:
        return list(tags)
    known = {tag.casefold(): tag for tag in place.tags}
    return [known[tag.casefold()] for tag in tags if tag.casefold() in known]
