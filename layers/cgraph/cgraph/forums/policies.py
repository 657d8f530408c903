from enum import StrEnum

from cgraph.core.policies import Policy


class ForumRole(StrEnum):
    """Of one person in one forum. A visitor is whoever may read it and is no member."""

    OWNER = "owner"
    MODERATOR = "moderator"
    MEMBER = "member"
    VISITOR = "visitor"
    BANNED = "banned"


MODERATORS = frozenset((ForumRole.OWNER, ForumRole.MODERATOR))


PARTICIPANTS = MODERATORS | {ForumRole.MEMBER, ForumRole.VISITOR}


FORUM_READER = Policy("whoever may read the forum", roles=frozenset(ForumRole))


FORUM_PARTICIPANT = Policy(
    "whoever may take part in the forum: not the banned, and not visitors where the forum says so",
    roles=PARTICIPANTS,
)


FORUM_MODERATOR = Policy("owner or moderator of the forum", roles=MODERATORS)


FORUM_MODERATOR_OR_SELF = Policy(
    "owner or moderator of the forum, or oneself", roles=MODERATORS, oneself=True
)


FORUM_OWNER = Policy("owner of the forum", roles=frozenset((ForumRole.OWNER,)))


FORUM_AUTHOR = Policy("author of the post or comment, not banned from its forum", author=True)


FORUM_AUTHOR_OR_MODERATOR = Policy(
    "author of the post or comment, owner or moderator of its forum", roles=MODERATORS, author=True
)
