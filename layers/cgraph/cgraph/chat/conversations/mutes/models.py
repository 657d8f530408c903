from uuid import UUID

from pydantic import Field

from cgraph.chat.policies import ConversationRole
from cgraph.core.clock import Timestamp
from cgraph.core.fields import Body, Model, TimestampInput


class MuteRequest(Body):
    """How long to mute a conversation."""

    until: TimestampInput | None = Field(
        default=None,
        description="Left out or null: until the caller unmutes it. A time in the past unmutes it.",
    )


class MuteState(Model):
    """Whether the caller has muted a conversation; also the data of `conversation.muted`."""

    conversation_id: UUID
    muted: bool = Field(description="Whether the caller has muted it.")
    muted_until: Timestamp | None = Field(
        description="If null and `muted` is true: until the caller unmutes it."
    )


class MuteStateRow(Model):
    """`seq`: the number of `conversation.muted` in the user's stream; None if nothing changed."""

    role: ConversationRole
    seq: int | None
