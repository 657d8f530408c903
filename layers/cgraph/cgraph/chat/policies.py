"""Roles in a conversation, and the policies of routes that belong to one."""

from enum import StrEnum

from cgraph.core.policies import Policy


class Role(StrEnum):
    """Of one user in one conversation; both people of a direct conversation are members."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"


ADMINS = frozenset((Role.OWNER, Role.ADMIN))

MEMBER = Policy("member of the conversation", roles=frozenset(Role))
AUTHOR = Policy("author of the message, still a member", author=True)
AUTHOR_OR_ADMIN = Policy("author of the message, owner or admin", roles=ADMINS, author=True)
ADMIN = Policy("owner or admin of the conversation", roles=ADMINS)
ADMIN_OR_DIRECT = Policy(
    "owner or admin; in a direct conversation both members", roles=ADMINS, direct=True
)
ADMIN_OR_TARGET = Policy(
    "owner or admin of the conversation, or the member in question", roles=ADMINS, target=True
)
