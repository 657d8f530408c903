"""The frames that the server sends about the socket itself."""

from collections.abc import Mapping

from cgraph_local.api_documents.frame_parts import HEADS, Schema, object_schema


def control_frames() -> dict[str, Schema]:
    """What the server sends about the socket and its streams, by type."""
    reconnect = {
        "reason": {"enum": ["max_age", "deploy", "overload"]},
        "within_ms": _milliseconds("until another socket must be open."),
        "jitter_ms": _milliseconds("at most to wait before opening it; choose at random."),
    }
    closing = {
        "reason": {"enum": ["session_revoked", "rate_limited"]},
        "retry_after_ms": _milliseconds("to wait before opening another socket."),
    }
    caught_up: dict[str, Schema] = {
        "streams": {"description": "How many streams were caught up.", "type": "integer"},
        "events": {"description": "How many events were sent for that.", "type": "integer"},
    }
    return {
        "heads": object_schema({"type": {"const": "heads"}, "heads": HEADS}),
        "caught_up": _control("caught_up", caught_up),
        "reconnect": _control("reconnect", reconnect),
        "closing": _control("closing", closing, optional=("retry_after_ms",)),
    }


def _control(type: str, data: Mapping[str, Schema], *, optional: tuple[str, ...] = ()) -> Schema:
    return object_schema({"type": {"const": type}, "data": object_schema(data, optional=optional)})


def _milliseconds(what: str) -> Schema:
    return {"description": f"Milliseconds {what}", "type": "integer"}
