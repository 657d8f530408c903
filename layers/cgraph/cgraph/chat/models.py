"""Models that conversations and messages share."""

from enum import StrEnum

from cgraph.chat.policies import ConversationRole
from cgraph.core.fields import Model


class ConversationKind(StrEnum):
    """`direct`: between two users, one for each pair. `group`: up to 1000 members."""

    DIRECT = "direct"
    GROUP = "group"


class Membership(Model):
    """A user's role in a conversation, with what actions need to know of the conversation."""

    role: ConversationRole
    kind: ConversationKind
    name: str | None
    member_count: int
