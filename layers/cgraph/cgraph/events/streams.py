"""Streams: what a client follows. Each durable change takes the next number of its stream in the
write transaction.
"""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class StreamKind(StrEnum):
    USER = "user"
    CONVERSATION = "conv"
    FORUM = "forum"
    POST = "post"

    @property
    def is_open(self) -> bool:
        """Anyone who may read it may subscribe to it; other streams have only their members."""
        return self in (StreamKind.FORUM, StreamKind.POST)


@dataclass(frozen=True, slots=True)
class Stream:
    """`conv:0193…` on the wire; in the database only the id, that of the thing followed."""

    kind: StreamKind
    id: UUID

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


def parse_stream(text: str) -> Stream:
    """Raises ValueError where `text` is not the canonical name of a stream."""
    kind, _, identifier = text.partition(":")
    stream = Stream(StreamKind(kind), UUID(identifier))
    if str(stream) != text:
        raise ValueError(f"not a stream: {text!r}")
    return stream


def conversation_stream(id: UUID) -> Stream:
    return Stream(StreamKind.CONVERSATION, id)


def forum_stream(id: UUID) -> Stream:
    return Stream(StreamKind.FORUM, id)


def post_stream(id: UUID) -> Stream:
    return Stream(StreamKind.POST, id)


def user_stream(id: UUID) -> Stream:
    return Stream(StreamKind.USER, id)
