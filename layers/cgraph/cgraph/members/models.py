from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from cgraph.conversations.models import Person
from cgraph.ids import Timestamp
from cgraph.policies import Role

Moment = Annotated[
    AwareDatetime,
    Field(ge=datetime(2000, 1, 1, tzinfo=UTC), lt=datetime(9000, 1, 1, tzinfo=UTC)),
]


class MemberChange(BaseModel):
    """`role`: left out, a new member is `member`, and whoever is there stays what they are.

    The owner who gives `owner` away becomes an admin.
    """

    role: Role | None = None


class MemberRemoved(BaseModel):
    """What `member.removed` tells those who stay."""

    user_id: UUID


class ConversationLeft(BaseModel):
    """What `conversation.left` tells whoever is out of it."""

    conversation_id: UUID


class Mute(BaseModel):
    """`until`: null, or left out, is for ever."""

    until: Moment | None = None


class Muted(BaseModel):
    """Muted without `muted_until` is for ever."""

    conversation_id: UUID
    muted: bool
    muted_until: Timestamp | None


class MutedRow(BaseModel):
    """`seq`: the change's number in the person's own stream; None where nothing changed."""

    role: Role
    seq: int | None


class Candidate(Person):
    """Somebody who is to be in a conversation, or to be something else in it.

    `role`: None of who is no member yet. `blocks`: they have blocked whoever asks.
    """

    role: Role | None
    blocks: bool


class Someone(BaseModel):
    user_id: UUID
    role: Role
