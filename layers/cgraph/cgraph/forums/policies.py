"""Roles in a forum, and the policies of routes that belong to one."""

from enum import StrEnum

from cgraph.core.policies import Policy


class ForumRole(StrEnum):
    """Of one user in one forum. A visitor may read the forum and is not a member."""

    OWNER = "owner"
    MODERATOR = "moderator"
    MEMBER = "member"
    VISITOR = "visitor"
    BANNED = "banned"


MODERATORS = frozenset((ForumRole.OWNER, ForumRole.MODERATOR))
PARTICIPANTS = MODERATORS | {ForumRole.MEMBER, ForumRole.VISITOR}

FORUM_READER = Policy("anyone who may read the forum", roles=frozenset(ForumRole))
FORUM_PARTICIPANT = Policy(
    "anyone who may take part in the forum: banned users may not, visitors only where the forum "
    "lets everyone post",
    roles=PARTICIPANTS,
)
FORUM_MODERATOR = Policy("owner or moderator of the forum", roles=MODERATORS)
FORUM_MODERATOR_OR_TARGET = Policy(
    "owner or moderator of the forum, or the member in question", roles=MODERATORS, target=True
)
FORUM_OWNER = Policy("owner of the forum", roles=frozenset((ForumRole.OWNER,)))
FORUM_AUTHOR = Policy("author of the post or comment, not banned from its forum", author=True)
FORUM_AUTHOR_ALWAYS = Policy(
    "author of the post or comment, also while banned from its forum", author=True, always=True
)
FORUM_READER_OR_AUTHOR = Policy(
    "anyone who may read the forum, and the author of the post or comment always",
    roles=frozenset(ForumRole),
    author=True,
    always=True,
)
FORUM_MODERATOR_OR_AUTHOR_ALWAYS = Policy(
    "owner or moderator of the forum, and the author of the post, also while banned",
    roles=MODERATORS,
    author=True,
    always=True,
)
FORUM_AUTHOR_OR_MODERATOR = Policy(
    "author of the post or comment, owner or moderator of its forum", roles=MODERATORS, author=True
)
