"""Who may call a route, as data: each route declares a policy, and `require` decides.

The caller that an endpoint gets carries its route's policy; an action's `access_*` says how they
stand to the thing they ask for. So what is declared is what is enforced, and what the documents and
the proof S1 are made from.
"""

from dataclasses import dataclass
from enum import StrEnum

from cgraph.errors import NotAllowed, Refusal


class Role(StrEnum):
    """Of one person in one conversation; in a direct one both are members."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"


class ForumRole(StrEnum):
    """Of one person in one forum. A visitor is whoever may read it and is no member."""

    OWNER = "owner"
    MODERATOR = "moderator"
    MEMBER = "member"
    VISITOR = "visitor"
    BANNED = "banned"


@dataclass(frozen=True, slots=True)
class Policy:
    """`who`: for people to read. `roles`: those in the conversation, or in the forum, that may.

    Beside the roles: `author` of the message, post or comment, `equals` in a direct conversation,
    whoever it is about `oneself`.
    """

    who: str
    signed_in: bool = True
    roles: frozenset[Role] | frozenset[ForumRole] = frozenset()
    author: bool = False
    equals: bool = False
    oneself: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """What a person is to the thing they ask for, being in its conversation or in its forum."""

    role: Role | ForumRole
    is_author: bool = False
    is_equal: bool = False
    is_oneself: bool = False


ADMINS = frozenset((Role.OWNER, Role.ADMIN))

ANYONE = Policy("anyone", signed_in=False)
SIGNED_IN = Policy("signed in")
MEMBER = Policy("member of the conversation", roles=frozenset(Role))
AUTHOR = Policy("author of the message, still a member", author=True)
AUTHOR_OR_ADMIN = Policy("author of the message, owner or admin", roles=ADMINS, author=True)
ADMIN = Policy("owner or admin of the conversation", roles=ADMINS)
ADMIN_OR_EQUAL = Policy("owner or admin, in a direct conversation both", roles=ADMINS, equals=True)
ADMIN_OR_ONESELF = Policy(
    "owner or admin of the conversation, or oneself", roles=ADMINS, oneself=True
)

MODERATORS = frozenset((ForumRole.OWNER, ForumRole.MODERATOR))
PARTICIPANTS = MODERATORS | {ForumRole.MEMBER, ForumRole.VISITOR}

FORUM_READER = Policy("whoever may read the forum", roles=frozenset(ForumRole))
FORUM_PARTICIPANT = Policy(
    "whoever may take part in the forum: not the banned, and not visitors where the forum says so",
    roles=PARTICIPANTS,
)
FORUM_MODERATOR = Policy("owner or moderator of the forum", roles=MODERATORS)
FORUM_MODERATOR_OR_ONESELF = Policy(
    "owner or moderator of the forum, or oneself", roles=MODERATORS, oneself=True
)
FORUM_OWNER = Policy("owner of the forum", roles=frozenset((ForumRole.OWNER,)))
FORUM_AUTHOR = Policy("author of the post or comment, not banned from its forum", author=True)
FORUM_AUTHOR_OR_MODERATOR = Policy(
    "author of the post or comment, owner or moderator of its forum", roles=MODERATORS, author=True
)


def admits(policy: Policy, standing: Standing) -> bool:
    return (
        standing.role in policy.roles
        or (policy.author and standing.is_author)
        or (policy.equals and standing.is_equal)
        or (policy.oneself and standing.is_oneself)
    )


def require(policy: Policy, standing: Standing | None, *, hidden: type[Refusal]) -> None:
    """Raises `hidden` (the 404 of the thing) where they have nothing to do with it, NotAllowed
    where they may not do this.
    """
    if standing is None:
        raise hidden
    if not admits(policy, standing):
        raise NotAllowed(f"This is for: {policy.who}")
