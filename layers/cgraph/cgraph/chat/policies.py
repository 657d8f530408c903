"""Roles in a conversation, and the policies of routes that belong to one."""

from enum import StrEnum

from cgraph.core.policies import Policy


class ConversationRole(StrEnum):
    """The role of a user in a conversation. In a direct conversation both are `member`."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"


ADMINS = frozenset((ConversationRole.OWNER, ConversationRole.ADMIN))

MEMBER = Policy("member of the conversation", roles=frozenset(ConversationRole))
AUTHOR = Policy("author of the message, still a member", author=True)
AUTHOR_OR_ADMIN = Policy("author of the message, owner or admin", roles=ADMINS, author=True)
ADMIN = Policy("owner or admin of the conversation", roles=ADMINS)
ADMIN_OR_DIRECT = Policy(
    "owner or admin; in a direct conversation both members", roles=ADMINS, direct=True
)
ADMIN_OR_TARGET = Policy(
    "owner or admin of the conversation, or the member themselves",
    roles=ADMINS,
    target=True,
)
