"""The frames of the realtime protocol as JSON Schema, and the models of what they carry."""

from collections.abc import Mapping

from pydantic import BaseModel

from cgraph.accounts.people.blocks.models import BlockChanged
from cgraph.accounts.people.contacts.models import ContactChange
from cgraph.accounts.people.models import Me
from cgraph.chat.conversations.members.models import ConversationLeft, MemberRemoved
from cgraph.chat.conversations.models import (
    ChangedConversation,
    Conversation,
    ConversationMember,
)
from cgraph.chat.conversations.mutes.models import MuteState
from cgraph.chat.conversations.read_markers.models import ReadState
from cgraph.chat.messages.models import DeletedMessage, Message, MessageCreated
from cgraph.chat.messages.reactions.models import MessageReacted, Reactions
from cgraph.forums.comments.models import Comment, CommentCreated
from cgraph.forums.comments.pruning.models import CommentsPruned
from cgraph.forums.emoji.models import Emoji, EmojiRemoved
from cgraph.forums.members.models import ForumLeft, ForumMember, MembershipRemoved
from cgraph.forums.members.requests.models import MembershipRequest
from cgraph.forums.models import Forum, ForumView
from cgraph.forums.posts.models import MovedPost, Post
from cgraph.media.uploads.models import UploadChanged
from cgraph.moderation.appeals.models import Appeal
from cgraph.moderation.bans.models import UserBanned, UserUnbanned
from cgraph.moderation.removals.models import ContentRemoved, ContentRestored
from cgraph.moderation.warnings.models import ForumWarning
from cgraph.notifications.inbox.models import (
    NotificationChanged,
    NotificationsRead,
    NotificationsSeen,
    NotificationWithdrawn,
)
from cgraph.realtime.models import (
    PresenceChanges,
    ReceiptCount,
    ReceiptUpdates,
    ScoreUpdates,
    SubscribeReply,
    TypingUsers,
)
from cgraph.sync.models import Hello, SyncReply
from cgraph_local.api_documents.frame_parts import HEADS, Schema, object_schema
from cgraph_local.api_documents.problems import FIELD_PROBLEM

Payload = type[BaseModel] | Mapping[str, type[BaseModel]]
"""A model, or an object whose fields are models."""

CONVERSATION_EVENTS: Mapping[str, Payload] = {
    "message.created": MessageCreated,
    "message.updated": {"message": Message},
    "message.deleted": DeletedMessage,
    "message.reacted": MessageReacted,
    "conversation.updated": {"conversation": ChangedConversation},
    "member.added": {"member": ConversationMember},
    "member.updated": {"member": ConversationMember},
    "member.removed": MemberRemoved,
    "conversation.joined": {"conversation": Conversation},
    "conversation.left": ConversationLeft,
    "conversation.muted": MuteState,
    "conversation.read": ReadState,
    "conversation.unread": ReadState,
    "history.hidden": {},
    "block.added": BlockChanged,
    "block.removed": BlockChanged,
    "user.updated": {"user": Me},
    "contact.changed": ContactChange,
}
"""The data of the durable events of conversations and users, by type."""

OWN_EVENTS: Mapping[str, Payload] = {
    "upload.ready": UploadChanged,
    "upload.refused": UploadChanged,
    "notification.created": NotificationChanged,
    "notification.updated": NotificationChanged,
    "notification.withdrawn": NotificationWithdrawn,
    "notifications.read": NotificationsRead,
    "notifications.seen": NotificationsSeen,
}
"""The data of the durable events of a user's uploads and notifications, by type."""

FORUM_EVENTS: Mapping[str, Payload] = {
    "forum.joined": {"forum": ForumView},
    "forum.left": ForumLeft,
    "forum.updated": {"forum": Forum},
    "emoji.updated": {"emoji": Emoji},
    "emoji.removed": EmojiRemoved,
    "membership.added": {"member": ForumMember},
    "membership.updated": {"member": ForumMember},
    "membership.removed": MembershipRemoved,
    "post.created": {"post": Post},
    "post.updated": {"post": Post},
    "post.deleted": {"post": Post},
    "post.removed": {"post": Post},
    "post.restored": {"post": Post},
    "post.moved": MovedPost,
    "comment.created": CommentCreated,
    "comment.updated": {"comment": Comment},
    "comment.deleted": {"comment": Comment},
    "comments.pruned": CommentsPruned,
    "moderation.warned": {"warning": ForumWarning},
    "moderation.banned": UserBanned,
    "moderation.unbanned": UserUnbanned,
    "moderation.removed": ContentRemoved,
    "moderation.restored": ContentRestored,
    "moderation.approved": ContentRestored,
    "appeal.resolved": {"appeal": Appeal},
    "request.created": {"request": MembershipRequest},
    "request.withdrawn": {"request": MembershipRequest},
    "request.resolved": {"request": MembershipRequest},
}
"""The data of the durable events of forums, by type."""

EVENTS: Mapping[str, Payload] = {**CONVERSATION_EVENTS, **OWN_EVENTS, **FORUM_EVENTS}

EPHEMERAL_EVENTS: Mapping[str, Payload] = {
    "typing.started": TypingUsers,
    "typing.stopped": TypingUsers,
    "presence.changed": PresenceChanges,
    "receipts.updated": ReceiptUpdates,
    "receipts.counted": ReceiptCount,
    "scores.updated": ScoreUpdates,
}
"""The data of events without a number, which go to the subscribers of the stream."""

ACKS: Mapping[str, Payload] = {
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
"""The data of an `ack`, by action. `hello` and `ping` have answers of their own."""

_ID: Schema = {
    "description": "Chosen by the client; the answer to the frame has the same. At most 100 "
    "characters. A frame without it gets no answer.",
    "type": ["string", "integer", "number"],
}
_SEQ: Schema = {
    "description": "The number of the event in its stream: 1, 2, 3 … without gaps.",
    "type": "integer",
    "minimum": 1,
}


def reference(model: type[BaseModel]) -> Schema:
    return {"$ref": f"#/components/schemas/{model.__name__}"}


def action_frame(action: str, *, data: type[BaseModel]) -> Schema:
    """What a client sends; the data may be left out where none of its fields is required."""
    needs_data = any(field.is_required() for field in data.model_fields.values())
    fields = {"action": {"const": action}, "id": _ID, "data": reference(data)}
    optional = ("id",) if needs_data else ("id", "data")
    return {**object_schema(fields, optional=optional), "additionalProperties": False}


def answer_frame(action: str) -> Schema:
    """What the server answers to an action that succeeded. Raises KeyError where ACKS lacks it."""
    if action == "hello":
        return object_schema({"type": {"const": "hello"}, "id": _ID, "data": reference(Hello)})
    if action == "ping":
        return object_schema({"type": {"const": "pong"}, "id": _ID, "heads": HEADS})
    fields: dict[str, Schema] = {
        "type": {"const": "ack"},
        "id": _ID,
        "ok": {"const": True},
        "replayed": {
            "description": "True where an earlier frame with the same nonce did the write.",
            "type": "boolean",
        },
        "data": _payload(ACKS[action]),
    }
    return object_schema(fields, optional=("replayed",))


def refusal_frame(codes: list[str]) -> Schema:
    error: dict[str, Schema] = {
        "code": {"enum": codes},
        "status": {"description": "The HTTP status of the code.", "type": "integer"},
        "message": {"description": "What is wrong with this frame, for people.", "type": "string"},
        "retry_after_ms": {
            "description": "Milliseconds to wait before the next try.",
            "type": "integer",
        },
        "errors": {
            "description": "With `validation_failed` and `unknown_field`: each field that is not "
            "valid, and at most 50 that do not exist.",
            "type": "array",
            "items": object_schema(FIELD_PROBLEM),
        },
    }
    return object_schema(
        {
            "type": {"const": "ack"},
            "id": {**_ID, "type": [*_ID["type"], "null"]},
            "ok": {"const": False},
            "error": object_schema(error, optional=("retry_after_ms", "errors")),
        }
    )


def event_frame(event: str) -> Schema:
    if event in EPHEMERAL_EVENTS:
        ttl = {"description": "Milliseconds after which it is no longer true.", "type": "integer"}
        data = _payload(EPHEMERAL_EVENTS[event])
        return _event({"event": {"const": event}, "ttl_ms": ttl, "data": data})
    return _event(
        {
            "seq": _SEQ,
            "event": {"const": event},
            "ts": {
                "description": "When it happened, UTC.",
                "type": "string",
                "format": "date-time",
            },
            "data": _payload(EVENTS[event]),
        }
    )


def partial_frame() -> Schema:
    """An event whose data is too large for a frame."""
    ref = {"description": "The path of the resource, to be fetched over HTTP.", "type": "string"}
    names = {"enum": [*EVENTS]}
    return _event({"seq": _SEQ, "event": names, "partial": {"const": True}, "ref": ref})


def batch_frame(events: list[Schema]) -> Schema:
    return object_schema(
        {"type": {"const": "batch"}, "events": {"type": "array", "items": {"anyOf": events}}}
    )


def models() -> set[type[BaseModel]]:
    """All that the frames of the server have."""
    found: set[type[BaseModel]] = {Hello}
    for each in (*EVENTS.values(), *EPHEMERAL_EVENTS.values(), *ACKS.values()):
        found.update(each.values() if isinstance(each, Mapping) else [each])
    return found


def _payload(payload: Payload) -> Schema:
    if isinstance(payload, Mapping):
        return object_schema({name: reference(model) for name, model in payload.items()})
    return reference(payload)


def _event(fields: Mapping[str, Schema]) -> Schema:
    stream = {
        "description": "The kind of the stream and the id of its user, conversation, forum or "
        "post.",
        "type": "string",
        "pattern": "^(user|conv|forum|post):[0-9a-f-]{36}$",
    }
    return object_schema({"type": {"const": "event"}, "stream": stream, **fields})
