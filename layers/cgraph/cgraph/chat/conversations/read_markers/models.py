from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field

from cgraph.chat.policies import ConversationRole
from cgraph.core.fields import Body, Model, Seq, Token
from cgraph.events.streams import StreamKind, parse_stream


class ReadMarker(Body):
    """How far the caller has read a conversation."""

    seq: Seq = Field(description="`seq` of the last event that the caller has read.")


def _conversation_stream_name(name: str) -> str:
    if parse_stream(name).kind is not StreamKind.CONVERSATION:
        raise ValueError("not the stream of a conversation")
    return name


class ReadFrame(ReadMarker):
    """How far the caller has read a conversation, over the socket."""

    stream: Annotated[str, AfterValidator(_conversation_stream_name), Token("stream")] = Field(
        pattern="^conv:[0-9a-f-]{36}$", description="The stream of the conversation."
    )

    @property
    def conversation_id(self) -> UUID:
        return parse_stream(self.stream).id


class ReadState(Model):
    """How far the caller has read a conversation; also the data of `conversation.read` and of
    `conversation.unread`.
    """

    conversation_id: UUID
    head: int = Field(
        description="`seq` of the last event of `conv:<id>` that `unread_count` includes."
    )
    last_read_seq: int = Field(description="`seq` of the last event read; it never decreases.")
    unread_count: int = Field(
        description="Number of messages after `last_read_seq`, without deleted ones."
    )
    marked_unread: bool = Field(
        description="Whether the caller has marked the conversation as unread, and neither read "
        "nor sent anything since."
    )
    mention_count: int = Field(description="Number of unread messages that mention the caller.")


class ReadStateRow(ReadState):
    """`seq_of_event`: the number of the event in the reader's stream, or None if nothing changed.
    `role`: the reader's. `notifications_read`: the event about notifications that were read too, as
    announce_logged() takes it.
    """

    is_shown: bool
    seq_of_event: int | None
    role: ConversationRole
    notifications_read: dict[str, Any] | None = None
