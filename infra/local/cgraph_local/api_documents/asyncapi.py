"""AsyncAPI 3.0 of the socket, as its server sees it."""

from collections.abc import Sequence
from typing import Any

from pydantic.json_schema import models_json_schema

from cgraph.core.errors import InternalError, RateLimited, ReadOnly, Refusal, ValidationFailed
from cgraph.realtime import connections
from cgraph.realtime.sockets import parse_frame
from cgraph_local.api_documents import frames
from cgraph_local.api_documents.inventory import SocketAction
from cgraph_local.api_documents.policies import described
from cgraph_local.api_documents.reach import reach

ABOUT = (
    "A position belongs to a stream, not to a socket: with `seq` at most the last one applied, "
    "drop the event; with the next one, apply it; with a later one, wait 500 ms, then sync. Each "
    "frame with an `id` gets exactly one answer. An action that does not exist, or a frame that "
    "is not JSON, is answered too (`unknown_action`, `malformed_frame`)."
)
SERVER = {
    "host": "{host}",
    "pathname": "/{stage}",
    "protocol": "wss",
    "description": "`POST /realtime/ticket` answers the complete address, with its ticket.",
    "variables": {
        "host": {"description": "That of API Gateway, or of the local cloud."},
        "stage": {"description": "Locally `ws`.", "default": "production"},
    },
}
TICKET = {
    "type": "object",
    "properties": {"ticket": {"description": "Opens one socket, once.", "type": "string"}},
    "required": ["ticket"],
}
EVERY_FRAME = (InternalError, RateLimited, ValidationFailed)
"""What any frame may be refused for, beside what the code of all frames leads to."""

Schema = dict[str, Any]


def asyncapi(actions: Sequence[SocketAction], *, version: str) -> Schema:
    """Receive is what clients send; send is what the server pushes."""
    messages = _messages(actions)
    schemas = _schemas(actions)
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "CGraph, realtime", "version": version, "description": ABOUT},
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
            "push": _operation(
                "send", [*_event_names(), "partial", "batch", *frames.control_frames()]
            ),
        },
        "components": {
            "messages": messages,
            "schemas": {name: schemas[name] for name in sorted(schemas)},
        },
    }


def _received(action: SocketAction) -> Schema:
    return {
        **_operation("receive", [action.name]),
        "summary": action.about,
        "x-policy": described(action.policy),
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
        **frames.control_frames(),
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


def _codes(action: SocketAction) -> list[str]:
    refusals = set[type[Refusal]](EVERY_FRAME).union(
        *(reach(each).refusals for each in (parse_frame, connections.admit_frame, action.answer))
    )
    if action.writes:
        refusals.add(ReadOnly)
    return sorted(refusal.code for refusal in refusals)


def _event_names() -> dict[str, str]:
    """Names of messages have no dots: message_created is `message.created`."""
    return {event.replace(".", "_"): event for event in (*frames.EVENTS, *frames.PASSING)}


def _answer(action: SocketAction) -> str:
    return f"{action.name}_answered"


def _refusal(action: SocketAction) -> str:
    return f"{action.name}_refused"


def _message(name: str) -> Schema:
    return {"$ref": f"#/channels/socket/messages/{name}"}
