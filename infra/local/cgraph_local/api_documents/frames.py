"""The frames of docs' protocol as JSON Schema, beside the models of what they carry."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from cgraph.accounts.people.blocks.models import BlockChanged
from cgraph.accounts.people.models import Me
from cgraph.chat.conversations.members.models import ConversationLeft, MemberRemoved, MuteState
from cgraph.chat.conversations.models import (
    Conversation,
    ConversationMember,
    ReadState,
    RenamedConversation,
)
from cgraph.chat.messages.models import Message, MessageCreated
from cgraph.chat.messages.reactions.models import MessageReacted, Reactions
from cgraph.forums.comments.models import Comment, CommentCreated
from cgraph.forums.members.models import ForumLeft, ForumMember, MemberLeft
from cgraph.forums.models import Forum, ForumView
from cgraph.forums.posts.models import MovedPost, Post
from cgraph.moderation.appeals.models import Appeal
from cgraph.moderation.bans.models import UserBanned, UserUnbanned
from cgraph.moderation.removals.models import ContentRemoved, ContentRestored
from cgraph.moderation.warnings.models import ForumWarning
from cgraph.realtime.models import (
    PresenceChanges,
    ReceiptCount,
    ReceiptUpdates,
    ScoreUpdates,
    SubscribeReply,
    TypingUsers,
)
from cgraph.sync.models import Hello, SyncReply

Schema = dict[str, Any]
Shown = type[BaseModel] | Mapping[str, type[BaseModel]]
"""A model, or an object whose fields are models."""

TALK: Mapping[str, Shown] = {
    "message.created": MessageCreated,
    "message.updated": {"message": Message},
    "message.deleted": {"message": Message},
    "message.reacted": MessageReacted,
    "conversation.updated": {"conversation": RenamedConversation},
    "member.added": {"member": ConversationMember},
    "member.updated": {"member": ConversationMember},
    "member.removed": MemberRemoved,
    "conversation.joined": {"conversation": Conversation},
    "conversation.left": ConversationLeft,
    "conversation.muted": MuteState,
    "conversation.read": ReadState,
    "block.added": BlockChanged,
    "block.removed": BlockChanged,
    "user.updated": {"user": Me},
}
"""The data of the durable events of conversations and people."""

FORUMS: Mapping[str, Shown] = {
    "forum.joined": {"forum": ForumView},
    "forum.left": ForumLeft,
    "forum.updated": {"forum": Forum},
    "membership.added": {"member": ForumMember},
    "membership.updated": {"member": ForumMember},
    "membership.removed": MemberLeft,
    "post.created": {"post": Post},
    "post.updated": {"post": Post},
    "post.deleted": {"post": Post},
    "post.removed": {"post": Post},
    "post.restored": {"post": Post},
    "post.moved": MovedPost,
    "comment.created": CommentCreated,
    "comment.updated": {"comment": Comment},
    "comment.deleted": {"comment": Comment},
    "moderation.warned": {"warning": ForumWarning},
    "moderation.banned": UserBanned,
    "moderation.unbanned": UserUnbanned,
    "moderation.removed": ContentRemoved,
    "moderation.restored": ContentRestored,
    "appeal.resolved": {"appeal": Appeal},
}
"""Those of forums."""

EVENTS: Mapping[str, Shown] = {**TALK, **FORUMS}

PASSING: Mapping[str, Shown] = {
    "typing.started": TypingUsers,
    "typing.stopped": TypingUsers,
    "presence.changed": PresenceChanges,
    "receipts.updated": ReceiptUpdates,
    "receipts.counted": ReceiptCount,
    "scores.updated": ScoreUpdates,
}
"""The data of what has no number and is true for a while, told to those who look at the stream."""

ACKS: Mapping[str, Shown] = {
    "send": {"message": Message},
    "edit": {"message": Message},
    "delete": {"message": Message},
    "react": Reactions,
    "read": ReadState,
    "sync": SyncReply,
    "subscribe": SubscribeReply,
    "unsubscribe": {},
    "typing": {},
    "presence": {},
}
"""The data of an acknowledgement, by action. `hello` and `ping` have answers of their own."""

_ID: Schema = {
    "description": "The client's own; the one answer to the frame has it too. At most 100 "
    "characters.",
    "type": ["string", "integer", "number"],
}
_HEADS: Schema = {
    "description": "By stream, the number of its last event.",
    "type": "object",
    "additionalProperties": {"type": "integer"},
}

_SEQ: Schema = {"description": "Its place in the stream.", "type": "integer", "minimum": 1}


def reference(model: type[BaseModel]) -> Schema:
    return {"$ref": f"#/components/schemas/{model.__name__}"}


def action_frame(action: str, *, data: type[BaseModel]) -> Schema:
    """What a client sends; the data may be left out where none of its fields must be there."""
    needs_data = any(field.is_required() for field in data.model_fields.values())
    return _object(
        {"action": {"const": action}, "id": _ID, "data": reference(data)},
        optional=("id",) if needs_data else ("id", "data"),
    )


def answer_frame(action: str) -> Schema:
    """What the server answers to an action that succeeded. Raises KeyError where ACKS lacks it."""
    if action == "hello":
        return _object({"type": {"const": "hello"}, "id": _ID, "data": reference(Hello)})
    if action == "ping":
        return _object({"type": {"const": "pong"}, "id": _ID, "heads": _HEADS})
    fields: dict[str, Schema] = {
        "type": {"const": "ack"},
        "id": _ID,
        "ok": {"const": True},
        "replayed": {"description": "It had been done before.", "type": "boolean"},
        "data": _shown(ACKS[action]),
    }
    return _object(fields, optional=("replayed",))


def refusal_frame(codes: list[str]) -> Schema:
    error: dict[str, Schema] = {
        "code": {"enum": codes},
        "status": {"description": "That of HTTP.", "type": "integer"},
        "message": {"type": "string"},
        "retry_after_ms": {"type": "integer"},
        "errors": {
            "type": "array",
            "items": _object({name: {"type": "string"} for name in ("field", "code", "message")}),
        },
    }
    return _object(
        {
            "type": {"const": "ack"},
            "id": {**_ID, "type": [*_ID["type"], "null"]},
            "ok": {"const": False},
            "error": _object(error, optional=("retry_after_ms", "errors")),
        }
    )


def event_frame(event: str) -> Schema:
    if event in PASSING:
        ttl = {"description": "How long it is true.", "type": "integer"}
        return _event({"event": {"const": event}, "ttl_ms": ttl, "data": _shown(PASSING[event])})
    return _event(
        {
            "seq": _SEQ,
            "event": {"const": event},
            "ts": {"type": "string", "format": "date-time"},
            "data": _shown(EVENTS[event]),
        }
    )


def partial_frame() -> Schema:
    ref = {"description": "The path where what it is about is to be fetched.", "type": "string"}
    names = {"enum": [*EVENTS]}
    return _event({"seq": _SEQ, "event": names, "partial": {"const": True}, "ref": ref})


def batch_frame(events: list[Schema]) -> Schema:
    return _object(
        {"type": {"const": "batch"}, "events": {"type": "array", "items": {"anyOf": events}}}
    )


def control_frames() -> dict[str, Schema]:
    """What the server says of the socket and its streams, by type."""
    number: Schema = {"type": "integer"}
    reconnect = {
        "reason": {"enum": ["max_age", "deploy", "overload"]},
        "within_ms": {"description": "Until then open another socket.", **number},
        "jitter_ms": {"description": "After a random time up to this.", **number},
    }
    closing = {
        "reason": {"enum": ["session_revoked", "rate_limited"]},
        "retry_after_ms": {"description": "Until then no other is opened.", **number},
    }
    return {
        "heads": _object({"type": {"const": "heads"}, "heads": _HEADS}),
        "caught_up": _control("caught_up", {"streams": number, "events": number}),
        "reconnect": _control("reconnect", reconnect),
        "closing": _control("closing", closing, optional=("retry_after_ms",)),
    }


def models() -> set[type[BaseModel]]:
    """All that the frames of the server show."""
    shown: set[type[BaseModel]] = {Hello}
    for each in (*EVENTS.values(), *PASSING.values(), *ACKS.values()):
        shown.update(each.values() if isinstance(each, Mapping) else [each])
    return shown


def _shown(shown: Shown) -> Schema:
    if isinstance(shown, Mapping):
        return _object({name: reference(model) for name, model in shown.items()})
    return reference(shown)


def _control(type: str, data: Mapping[str, Schema], *, optional: tuple[str, ...] = ()) -> Schema:
    return _object({"type": {"const": type}, "data": _object(data, optional=optional)})


def _event(fields: Mapping[str, Schema]) -> Schema:
    stream = {"type": "string", "pattern": "^(user|conv|forum|post):[0-9a-f-]{36}$"}
    return _object({"type": {"const": "event"}, "stream": stream, **fields})


def _object(fields: Mapping[str, Schema], *, optional: tuple[str, ...] = ()) -> Schema:
    required = [name for name in fields if name not in optional]
    return {"type": "object", "properties": dict(fields), "required": required}
