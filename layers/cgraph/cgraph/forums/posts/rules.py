"""What may be done to a post."""

from collections.abc import Sequence

from cgraph.core.text import comparison_key
from cgraph.forums.errors import InvalidTags, PostDeleted, PostLocked
from cgraph.forums.models import ForumAccess
from cgraph.forums.posts.rows import PostAccess, PostRow


def require_not_deleted(post: PostRow) -> None:
    """Raises PostDeleted, also where a moderator removed the post."""
    if post.deleted_at is not None or post.removed_at is not None:
        raise PostDeleted


def require_open(access: PostAccess) -> None:
    """Before somebody comments on the post, or edits it or a comment under it: a locked post is
    open for moderators only. Raises PostDeleted, PostLocked.
    """
    require_not_deleted(access.post)
    if access.post.locked_at is not None and not access.forum.moderates:
        raise PostLocked


def validated_tags(tags: Sequence[str], *, forum: ForumAccess) -> list[str]:
    """The tags as the forum spells them. Raises InvalidTags."""
    if forum.tag_required and not tags:
        raise InvalidTags("This forum requires a tag")
    if not forum.tags:
        return list(tags)
    known = {comparison_key(tag): tag for tag in forum.tags}
    unknown = [tag for tag in tags if comparison_key(tag) not in known]
    if unknown:
        raise InvalidTags(f"This forum does not have the tag {unknown[0]!r}")
    return [known[comparison_key(tag)] for tag in tags]


def tags_known_in(forum: ForumAccess, tags: Sequence[str]) -> list[str]:
    """Those of the tags that the forum allows, as it spells them: for a post that moves there."""
    if not forum.tags:
        return list(tags)
    known = {comparison_key(tag): tag for tag in forum.tags}
    return [known[comparison_key(tag)] for tag in tags if comparison_key(tag) in known]
