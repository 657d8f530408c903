from enum import StrEnum

from cgraph.core.policies import Policy


class Role(StrEnum):
    """Of one person in one conversation; in a direct one both are members."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"


ADMINS = frozenset((Role.OWNER, Role.ADMIN))


MEMBER = Policy("member of the conversation", roles=frozenset(Role))


AUTHOR = Policy("author of the message, still a member", author=True)


AUTHOR_OR_ADMIN = Policy("author of the message, owner or admin", roles=ADMINS, author=True)


ADMIN = Policy("owner or admin of the conversation", roles=ADMINS)


ADMIN_OR_EQUAL = Policy("owner or admin, in a direct conversation both", roles=ADMINS, equals=True)


ADMIN_OR_SELF = Policy("owner or admin of the conversation, or oneself", roles=ADMINS, oneself=True)
