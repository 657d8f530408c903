import json
from datetime import UTC, datetime
from uuid import UUID

import pytest

from cgraph.streams import Event, Stream, StreamKind, encode, parse_stream

ID = UUID("0193a000-0000-7000-8000-000000000001")


@pytest.mark.parametrize("kind", StreamKind)
def test_written_and_read(kind: StreamKind) -> None:
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
def test_a_stream_has_one_name(text: str) -> None:
    with pytest.raises(ValueError):
        parse_stream(text)


def test_an_event_as_clients_see_it() -> None:
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
    assert json.loads(encode(event.as_frame())) == event.as_frame()
    assert encode({"a": "ü 🦉"}) == '{"a":"ü 🦉"}'
