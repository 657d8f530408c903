"""Who may do what to whom in a forum."""

from cgraph.forums.policies import ForumRole


def may_remove(remover: ForumRole, *, removed: ForumRole) -> bool:
    """Of somebody else: the owner removes anyone, moderators do not remove each other."""
    return remover is ForumRole.OWNER or removed is ForumRole.MEMBER
