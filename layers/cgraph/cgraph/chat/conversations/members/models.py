from uuid import UUID

from cgraph.accounts.people.models import UserSummary
from cgraph.chat.policies import Role
from cgraph.core.clock import Timestamp
from cgraph.core.fields import Body, Model, TimestampInput


class MemberChange(Body):
    """`role`: left out, a new member is `member`, and whoever is there stays what they are.

    The owner who gives `owner` away becomes an admin.
    """

    role: Role | None = None


class MemberRemoved(Model):
    """What `member.removed` tells those who stay."""

    user_id: UUID


class ConversationLeft(Model):
    """What `conversation.left` tells whoever is out of it."""

    conversation_id: UUID


class Mute(Body):
    """`until`: null, or left out, is for ever."""

    until: TimestampInput | None = None


class Muted(Model):
    """Muted without `muted_until` is for ever."""

    conversation_id: UUID
    muted: bool
    muted_until: Timestamp | None


class MutedRow(Model):
    """`seq`: the change's number in the person's own stream; None where nothing changed."""

    role: Role
    seq: int | None


class Candidate(UserSummary):
    """Somebody who is to be in a conversation, or to be something else in it.

    `role`: None of who is no member yet. `blocks`: they have blocked whoever asks.
    """

    role: Role | None
    blocks: bool


class Someone(Model):
    user_id: UUID
    role: Role
