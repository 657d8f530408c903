from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from cgraph.chat.policies import ConversationRole
from cgraph.core.clock import Timestamp
from cgraph.core.fields import Body, Cursor, MessageText, Model, Nonce, QueryParameters, Seq
from cgraph.core.mentions import Broadcast
from cgraph.media.previews.models import PREVIEWS, Preview
from cgraph.media.uses.models import Attachment, Attachments

VERSIONS_AT_MOST = 2**31 - 1

BROADCAST = (
    "Whether `@everyone` or `@here` (the members who are online) in it mentions the group. Null if "
    "not, and if the author is neither owner nor admin of the group."
)


class QuotedMessage(Model):
    """The message that a reply refers to, as it reads now."""

    id: UUID
    seq: int = Field(description="`seq` of the message that is quoted.")
    author_id: UUID
    content: str = Field(
        description="At most the first 200 characters of its Markdown; empty if it was deleted."
    )
    deleted: bool = Field(description="Whether the message has been deleted.")


def _is_empty(value: list[str]) -> bool:
    return not value


class Message(Model):
    """A message of a conversation. A deleted message is a tombstone: it keeps its `seq`, and its
    texts, mentions, attachments, previews and reactions are empty.
    """

    id: UUID
    conversation_id: UUID
    seq: int = Field(description="Number of its event in the stream `conv:<id>`; never changes.")
    author_id: UUID
    content: str = Field(description="Markdown.")
    content_html: str = Field(
        description="Sanitized HTML made of `content`. Line ends are kept in it."
    )
    created_at: Timestamp
    reply_to: UUID | None = Field(description="Id of the message that it replies to.")
    quoted: QuotedMessage | None = Field(
        default=None,
        description="The message that it replies to; null if the caller may not see it.",
    )
    version: int = Field(default=1, description="1 plus the number of edits.")
    edited_at: Timestamp | None = None
    deleted_at: Timestamp | None = None
    reply_count: int = Field(default=0, description="Replies to it, the deleted ones included.")
    reactions: dict[str, int] = Field(
        default={}, description="Number of users who reacted, by emoji."
    )
    my_reactions: list[str] = Field(
        default=[],
        exclude_if=_is_empty,
        description="Emoji that the caller reacted with. Left out if there are none, and in "
        "events, which are the same for all members.",
    )
    mentions: list[UUID] = Field(
        default=[],
        description="Ids of the members that `@username` in the content mentions, without those "
        "who have blocked the author or whom the author has blocked.",
    )
    mentions_everyone: Broadcast | None = Field(default=None, description=BROADCAST)
    attachments: list[Attachment] = Field(default=[], description="Files, at most 10.")
    previews: list[Preview] = Field(default=[], description=PREVIEWS)
    pinned_at: Timestamp | None = None


class ReplyTarget(Model):
    """The message that a new message replies to."""

    id: UUID
    reply_count: int = Field(description="Replies to it, the new message included.")


class MessageCreated(Model):
    """The data of `message.created`."""

    message: Message
    parent: ReplyTarget | None = Field(
        default=None, description="Left out if the message is no reply."
    )


class DeletedMessage(Model):
    """The data of `message.deleted`."""

    message: Message = Field(description="The tombstone.")
    last_message: Message | None = Field(
        default=None,
        description="The last message that is not deleted, null if there is none. Left out if the "
        "deleted message was not the last one.",
    )


class MessageDraft(Body):
    """A message to send."""

    conversation_id: UUID
    content: MessageText = Field(
        description="Markdown: 1 to 4000 characters, not only spaces; with attachments it may be "
        "empty. `@username` mentions a "
        "member of the conversation; the first 50 names count. In a group, `@everyone` and `@here` "
        "of its owner and admins mention all members."
    )
    nonce: Nonce | None = Field(
        default=None,
        description="The client's own name for this message, unique for the caller. The same "
        "request sent again with it within 30 days sends no second message.",
    )
    reply_to: UUID | None = Field(
        default=None, description="Id of a message of the same conversation."
    )
    attachments: Attachments = Field(
        default=[],
        description="At most 10 uploads of the caller that are ready: ids, or objects with an alt "
        "text.",
    )


class ListMessagesQuery(QueryParameters):
    """Which messages of a conversation to list."""

    before: Seq | None = Field(
        default=None, description="Only messages with a lower `seq`. Ignored with `after`."
    )
    after: Seq | None = Field(default=None, description="Only messages with a higher `seq`.")
    around: Seq | None = Field(
        default=None,
        description="Messages on both sides of this `seq`, and the one that has it. Replaces "
        "`before` and `after`.",
    )
    limit: int = Field(default=50, ge=1, le=100, description="Messages in one page.")
    cursor: Cursor | None = Field(
        default=None,
        description="`next` of the page before; replaces `before`, `after` and `around`.",
    )


class MessageEdit(Body):
    """A new content for a message."""

    content: MessageText = Field(
        description="Markdown: 1 to 4000 characters, not only spaces; in an edit that names "
        "attachments of the message it may be empty."
    )
    attachments: Attachments | None = Field(
        default=None,
        description="Other alt texts and spoilers for some of its attachments. None can be added "
        "or removed.",
    )
    version: int = Field(
        ge=1,
        le=VERSIONS_AT_MOST,
        description="The `version` that the client has edited. The edit is refused if the message "
        "has another version by now, so that no edit overwrites one that the author has not seen.",
    )


class MessageEditFrame(MessageEdit):
    """A new content for a message, over the socket."""

    message_id: UUID


class MessageFrame(Body):
    """The message that a frame is about."""

    message_id: UUID


@dataclass(frozen=True, slots=True)
class MessageResult:
    """A message after a write. `replayed`: an earlier request had done the same write already."""

    message: Message
    replayed: bool


Refusals = Literal["blocked", "reply_target_not_found", "upload_not_found", "upload_not_ready"]


@dataclass(frozen=True, slots=True)
class SendMessageRow:
    """The result of sending: `payload`, `audience` and `history_limits` of the event. If nothing
    was written, `payload` is None and the other fields say why: the first request with the nonce,
    the caller's role (None: not a member), or a refusal.
    """

    payload: dict[str, Any] | None
    audience: list[UUID] | None
    history_limits: dict[str, int] | None
    role: ConversationRole | None
    refusal: Refusals | None
    first_hash: bytes | None
    first_payload: dict[str, Any] | None


class MessageAccess(Model):
    """A message as a member sees it. `role`: the member's; `is_direct`: whether the conversation
    is; `is_blocked`: whether it is, and one of the two has blocked the other. `etag`: of what
    decides on an edit or a deletion, see infra/schema/chat/changes.sql.
    """

    message: Message
    role: ConversationRole
    is_direct: bool
    is_blocked: bool
    etag: str


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A Message as JSON; `seq` is its position in the list."""

    seq: int
    json: str


@dataclass(frozen=True, slots=True)
class ChangedMessageRow:
    """A message after a change, as JSON for all members, and the ids of the members.
    `history_limits`: see `announce_to_members`.
    """

    message: dict[str, Any]
    audience: list[UUID]
    history_limits: dict[str, int] | None


@dataclass(frozen=True, slots=True)
class LoggedChangeRow:
    """The event of a change: its data, its number, the ids of the members, and `history_limits`,
    see `announce_to_members`. All are None if nothing was written.
    """

    payload: dict[str, Any] | None
    seq: int | None
    audience: list[UUID] | None
    history_limits: dict[str, int] | None
