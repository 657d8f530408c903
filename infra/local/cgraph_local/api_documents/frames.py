"""The frames of docs' protocol as JSON Schema, beside the models of what they carry."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from cgraph.conversations.models import Conversation, Marked
from cgraph.messages.models import Message
from cgraph.people.models import Me
from cgraph.realtime.models import Hello, SyncReply

Schema = dict[str, Any]
Shown = type[BaseModel] | Mapping[str, type[BaseModel]]
"""A model, or an object whose fields are models."""

EVENTS: Mapping[str, Shown] = {
    "message.created": {"message": Message},
    "conversation.joined": {"conversation": Conversation},
    "conversation.read": Marked,
    "user.updated": {"user": Me},
}
"""The data of each durable event."""

ACKS: Mapping[str, Shown] = {"send": {"message": Message}, "sync": SyncReply}
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
        "replayed": {"description": "The nonce had been used before.", "type": "boolean"},
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
    return _object(
        {
            "type": {"const": "event"},
            "stream": {"type": "string", "pattern": "^(user|conv):[0-9a-f-]{36}$"},
            "seq": {"description": "Its place in the stream.", "type": "integer", "minimum": 1},
            "event": {"const": event},
            "ts": {"type": "string", "format": "date-time"},
            "data": _shown(EVENTS[event]),
        }
    )


def batch_frame(events: list[Schema]) -> Schema:
    return _object(
        {"type": {"const": "batch"}, "events": {"type": "array", "items": {"anyOf": events}}}
    )


def caught_up_frame() -> Schema:
    counts = {"streams": {"type": "integer"}, "events": {"type": "integer"}}
    return _object({"type": {"const": "caught_up"}, "data": _object(counts)})


def models() -> set[type[BaseModel]]:
    """All that the frames of the server show."""
    shown: set[type[BaseModel]] = {Hello}
    for each in (*EVENTS.values(), *ACKS.values()):
        shown.update(each.values() if isinstance(each, Mapping) else [each])
    return shown


def _shown(shown: Shown) -> Schema:
    if isinstance(shown, Mapping):
        return _object({name: reference(model) for name, model in shown.items()})
    return reference(shown)


def _object(fields: Mapping[str, Schema], *, optional: tuple[str, ...] = ()) -> Schema:
    required = [name for name in fields if name not in optional]
    return {"type": "object", "properties": dict(fields), "required": required}
