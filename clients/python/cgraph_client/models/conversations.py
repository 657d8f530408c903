"""Conversations, their members and read markers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cgraph_client.models.json_model import JsonModel
from cgraph_client.models.messages import Message
from cgraph_client.models.users import UserSummary


@dataclass(frozen=True, slots=True)
class Member(UserSummary):
    """`role` is `owner`, `admin` or `member`. `last_read_seq`: the number of the last message this
    member has read; None in large groups, where the server does not send it."""

    role: str = "member"
    last_read_seq: int | None = None


@dataclass(frozen=True, slots=True)
class Conversation(JsonModel):
    """A conversation as one of its members sees it: `role`, `muted`, `last_read_seq`,
    `unread_count`, `marked_unread` and `mention_count` (unread messages that mention them) are that
    member's own.

    `kind` is `direct` or `group`. `members`: in lists the first few, in the conversation itself
    all. `head`: the number of the last event of its stream, `conv:<id>`. `muted` without
    `muted_until` has no end. `last_message`: the last one that is not deleted. `history`: what
    users see who are added later, `all` messages or only those `from_joining` on.
    `link_previews`: whether links in new messages get previews.
    """

    id: str
    kind: str
    name: str | None = None
    history: str = "all"
    link_previews: bool = True
    created_by: str | None = None
    created_at: datetime | None = None
    active_at: datetime | None = None
    role: str = "member"
    muted: bool = False
    muted_until: datetime | None = None
    member_count: int = 0
    members: tuple[Member, ...] = ()
    last_message: Message | None = None
    head: int = 0
    last_read_seq: int = 0
    unread_count: int = 0
    marked_unread: bool = False
    mention_count: int = 0

    @property
    def is_unread(self) -> bool:
        """Whether it has unread messages, or is marked as unread."""
        return self.unread_count > 0 or self.marked_unread

    def is_muted(self, now: datetime) -> bool:
        return self.muted and (self.muted_until is None or now < self.muted_until)


@dataclass(frozen=True, slots=True)
class ReadMarker(JsonModel):
    """Up to which message the caller has read a conversation. It never moves back. `head`: the
    number of the conversation's last event that `unread_count` includes.
    `marked_unread`: whether the caller has marked the conversation as unread since."""

    conversation_id: str
    head: int
    last_read_seq: int
    unread_count: int
    marked_unread: bool = False
    mention_count: int = 0
