"""AsyncAPI 3.0 of the socket, as its server sees it."""

from collections.abc import Sequence
from typing import Any

from pydantic.json_schema import models_json_schema

from cgraph.core.errors import (
    InternalError,
    RateLimited,
    ReadOnly,
    Refusal,
    UnknownField,
    ValidationFailed,
)
from cgraph.realtime import connections
from cgraph.realtime.sockets import parse_frame
from cgraph_local.api_documents import frames
from cgraph_local.api_documents.control_frames import control_frames
from cgraph_local.api_documents.inventory import SocketAction
from cgraph_local.api_documents.policies import policy_json, shown_scope
from cgraph_local.api_documents.reach import reach

ABOUT = (
    "Every durable event has `stream` and `seq`, its number in the stream. A position belongs to "
    "a stream, not to a socket. A client drops an event whose `seq` is at most that of the last "
    "event it applied, applies the one with the next number, and on a later number waits 500 ms "
    "and then sends `sync`. A frame has `action`, `id` and `data`. Each frame with an `id` gets "
    "exactly one answer with the same `id`. A frame that is not JSON is refused with "
    "`malformed_frame`, an action that does not exist with `unknown_action`, and a key or field "
    "that does not exist with `unknown_field`."
)
SERVER = {
    "host": "{host}",
    "pathname": "/{stage}",
    "protocol": "wss",
    "description": "`POST /realtime/ticket` returns the complete address, with its ticket.",
    "variables": {
        "host": {"description": "The host of API Gateway, or of the local cloud."},
        "stage": {
            "description": "The stage of API Gateway; in the local cloud `ws`.",
            "default": "production",
        },
    },
}
TICKET = {
    "type": "object",
    "properties": {
        "ticket": {"description": "Opens one socket, once, within 30 s.", "type": "string"}
    },
    "required": ["ticket"],
}
PUSH = {
    "summary": "Push events and control frames to a client",
    "description": "The server sends the durable events of all streams that the user follows, the "
    "ephemeral events of the streams that the socket has subscribed to, and frames about the "
    "socket itself. Pushes may be lost, repeated or out of order; `seq` shows it.",
}
EVERY_FRAME = (InternalError, RateLimited, UnknownField, ValidationFailed)
"""What any frame may be refused for, beside what the code of all frames leads to."""

Schema = dict[str, Any]


def asyncapi(actions: Sequence[SocketAction], *, version: str) -> Schema:
    """Receive is what clients send; send is what the server pushes."""
    messages = _messages(actions)
    schemas = _schemas(actions)
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "CGraph realtime", "version": version, "description": ABOUT},
        "defaultContentType": "application/json",
        "servers": {"realtime": SERVER},
        "channels": {
            "socket": {
                "address": "/",
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
                "bindings": {"ws": {"method": "GET", "query": TICKET}},
            }
        },
        "operations": {
            **{action.name: _received(action) for action in actions},
            "push": {
                **_operation("send", [*_event_names(), "partial", "batch", *control_frames()]),
                **PUSH,
            },
        },
        "components": {
            "messages": messages,
            "schemas": {name: schemas[name] for name in sorted(schemas)},
        },
    }


def _received(action: SocketAction) -> Schema:
    return {
        **_operation("receive", [action.name]),
        "summary": action.text.summary,
        "description": action.text.description,
        "x-policy": policy_json(action.policy),
        "x-scope": shown_scope(action.policy, action.scope),
        "reply": {
            "channel": {"$ref": "#/channels/socket"},
            "messages": [_message(_answer(action)), _message(_refusal(action))],
        },
    }


def _operation(kind: str, messages: Sequence[str]) -> Schema:
    return {
        "action": kind,
        "channel": {"$ref": "#/channels/socket"},
        "messages": [_message(name) for name in messages],
    }


def _messages(actions: Sequence[SocketAction]) -> dict[str, Schema]:
    events = {name: frames.event_frame(event) for name, event in _event_names().items()}
    payloads = {
        **{each.name: frames.action_frame(each.name, data=each.data) for each in actions},
        **{_answer(each): frames.answer_frame(each.name) for each in actions},
        **{_refusal(each): frames.refusal_frame(_codes(each)) for each in actions},
        **events,
        "partial": frames.partial_frame(),
        "batch": frames.batch_frame(
            [{"$ref": f"#/components/messages/{name}/payload"} for name in (*events, "partial")]
        ),
        **control_frames(),
    }
    return {name: {"name": name, "payload": payload} for name, payload in payloads.items()}


def _schemas(actions: Sequence[SocketAction]) -> dict[str, Schema]:
    _, definitions = models_json_schema(
        [
            *((each.data, "validation") for each in actions),
            *((model, "serialization") for model in sorted(frames.models(), key=str)),
        ],
        ref_template="#/components/schemas/{model}",
    )
    return dict(definitions["$defs"])


def refusals_of_action(action: SocketAction) -> set[type[Refusal]]:
    """By the code it leads to, and what every frame may be refused for."""
    refusals = set[type[Refusal]](EVERY_FRAME).union(
        *(reach(each).refusals for each in (parse_frame, connections.admit_frame, action.answer))
    )
    return refusals | {ReadOnly} if action.writes else refusals


def _codes(action: SocketAction) -> list[str]:
    return sorted(refusal.code for refusal in refusals_of_action(action))


def _event_names() -> dict[str, str]:
    """Names of messages have no dots: message_created is `message.created`."""
    return {event.replace(".", "_"): event for event in (*frames.EVENTS, *frames.EPHEMERAL_EVENTS)}


def _answer(action: SocketAction) -> str:
    return f"{action.name}_answered"


def _refusal(action: SocketAction) -> str:
    return f"{action.name}_refused"


def _message(name: str) -> Schema:
    return {"$ref": f"#/channels/socket/messages/{name}"}
