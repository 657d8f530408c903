"""What members of a forum may do to each other."""

from cgraph.forums.policies import ForumRole


def may_remove(remover: ForumRole, *, removed: ForumRole) -> bool:
    """The owner may remove every other member; a moderator may not remove another moderator."""
    return remover is ForumRole.OWNER or removed is ForumRole.MEMBER
