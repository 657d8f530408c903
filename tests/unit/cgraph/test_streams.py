import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from cgraph.core.encoding import encode_json
from cgraph.events.models import Event
from cgraph.events.streams import Stream, StreamKind, parse_stream
from cgraph.realtime.frames import EVENT_BYTES, FRAME_BYTES, batch_frame, push_frame, resource_path

ID = UUID("0193a000-0000-7000-8000-000000000001")


@pytest.mark.parametrize("kind", StreamKind)
def test_a_stream_parses_from_its_name(kind: StreamKind) -> None:
    stream = Stream(kind, ID)

    assert parse_stream(str(stream)) == stream
    assert str(stream) == f"{kind.value}:{ID}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "conv",
        "conv:",
        f"conv:{ID.hex}",
        f"conv:{{{ID}}}",
        f"conv:urn:uuid:{ID}",
        f"conv:{str(ID).upper()}",
        f"Conv:{ID}",
        f" conv:{ID}",
        f"post:{ID}x",
        f"table:{ID}",
    ],
)
def test_only_the_canonical_name_of_a_stream_is_valid(text: str) -> None:
    with pytest.raises(ValueError):
        parse_stream(text)


def test_an_event_frame_has_the_documented_fields() -> None:
    moment = datetime(2026, 11, 23, 7, 0, 0, 123_000, tzinfo=UTC)
    event = Event(Stream(StreamKind.CONVERSATION, ID), 42, "message.created", {"a": "ü"}, moment)

    assert event.as_frame() == {
        "type": "event",
        "stream": f"conv:{ID}",
        "seq": 42,
        "event": "message.created",
        "ts": "2026-11-23T07:00:00.123Z",
        "data": {"a": "ü"},
    }
    assert json.loads(encode_json(event.as_frame())) == event.as_frame()
    assert encode_json({"a": "ü 🦉"}) == '{"a":"ü 🦉"}'


def frame(event: str, data: object, *, stream: str = f"conv:{ID}") -> dict[str, Any]:
    return {"type": "event", "stream": stream, "seq": 42, "event": event, "ts": "", "data": data}


@pytest.mark.parametrize("character", ["a", "ü", "🦉", "\x01"])
def test_an_event_larger_than_a_frame_is_pushed_as_partial(character: str) -> None:
    around = len(
        encode_json(frame("message.updated", {"message": {"id": "m", "content": ""}})).encode()
    )
    fitting = (EVENT_BYTES - around) // (len(encode_json(character).encode()) - 2)
    for length, is_whole in ((fitting, True), (fitting + 1, False)):
        message = {"id": "m", "content": character * length}
        event = frame("message.updated", {"message": message})
        pushed = push_frame(event)
        assert len(batch_frame([pushed]).encode()) <= FRAME_BYTES
        assert (json.loads(pushed) == event) is is_whole
    assert json.loads(pushed) == {
        "type": "event", "stream": f"conv:{ID}", "seq": 42, "event": "message.updated",
        "partial": True, "ref": "/messages/m",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("event", "data", "stream", "path"),
    [
        ("message.deleted", {"message": {"id": "m"}}, "conv:c", "/messages/m"),
        ("message.reacted", {"message_id": "m"}, "conv:c", "/messages/m"),
        ("conversation.updated", {"conversation": {"id": "c"}}, "conv:c", "/conversations/c"),
        ("member.added", {"member": {}}, "conv:c", "/conversations/c"),
        ("conversation.joined", {"conversation": {"id": "c"}}, "user:u", "/conversations/c"),
        ("conversation.muted", {"conversation_id": "c"}, "user:u", "/conversations/c"),
        ("user.updated", {"user": {}}, "user:u", "/me"),
        ("block.added", {"user_id": "b"}, "user:u", "/me"),
    ],
)
def test_a_partial_event_names_the_path_of_its_thing(
    event: str, data: dict[str, Any], stream: str, path: str
) -> None:
    assert resource_path(frame(event, data, stream=stream)) == path
