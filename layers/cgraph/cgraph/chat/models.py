"""Models that conversations and messages share."""

from enum import StrEnum

from cgraph.chat.policies import ConversationRole
from cgraph.core.fields import Model


class ConversationKind(StrEnum):
    """`direct`: between two users, one for each pair. `group`: up to 1000 members."""

    DIRECT = "direct"
    GROUP = "group"


class History(StrEnum):
    """What a user who is added to a group sees: `all` messages, or only those `from_joining` on. It
    is applied when the user is added, so a change affects only those who are added later.
    """

    ALL = "all"
    FROM_JOINING = "from_joining"


class Membership(Model):
    """A user's role in a conversation, with what actions need to know of the conversation."""

    role: ConversationRole
    kind: ConversationKind
    name: str | None
    history: History
    link_previews: bool
    member_count: int
