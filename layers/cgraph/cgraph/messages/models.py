from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from cgraph.fields import Content, Nonce
from cgraph.ids import Timestamp
from cgraph.policies import Role


class MessageDraft(BaseModel):
    """What a person sends. `nonce`: their own name for it, so that it may be sent again without
    harm.
    """

    conversation_id: UUID
    content: Content
    nonce: Nonce | None = None
    reply_to: UUID | None = None
    attachments: list[UUID] = Field(default=[], max_length=0, description="None can be given yet.")


class Message(BaseModel):
    """`seq` is its place in the stream of its conversation."""

    id: UUID
    conversation_id: UUID
    seq: int
    author_id: UUID
    content: str
    reply_to: UUID | None
    created_at: Timestamp


@dataclass(frozen=True, slots=True)
class Sent:
    """`replayed`: the message was there before, sent with the same nonce."""

    message: Message
    replayed: bool


@dataclass(frozen=True, slots=True)
class Placement:
    """What the sending statement found: a place in the stream, or the reason why there is none."""

    seq: int | None
    audience: list[UUID]
    role: Role | None
    body_hash: bytes | None
    payload: dict[str, Any] | None
