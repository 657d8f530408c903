"""What the parts of chat share."""

from enum import StrEnum

from cgraph.chat.policies import Role
from cgraph.core.fields import Model


class ConversationKind(StrEnum):
    DIRECT = "direct"
    GROUP = "group"


class Membership(Model):
    """One person's place in one conversation."""

    role: Role
    kind: ConversationKind
    name: str | None
    member_count: int
