from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cgraph.core.encoding import encode_json
from cgraph.events.streams import StreamKind

FRAME_BYTES = 28_000
"""What a pushed frame has at most: below the 32 KB of an API Gateway frame."""


EVENT_BYTES = FRAME_BYTES - 40
"""One event's: with room for the batch around it."""

_EVENT_BEGINS = '{"type":"event",'
_BATCH_BEGINS, _BATCH_ENDS = '{"type":"batch","events":[', "]}"
_BATCH_BYTES = len(_BATCH_BEGINS) + len(_BATCH_ENDS)


def push_frame(frame: dict[str, Any]) -> str:
    """An event's frame as a socket carries it: what is too large is there to be fetched."""
    text = encode_json(frame)
    if len(text) * 4 <= EVENT_BYTES or len(text.encode()) <= EVENT_BYTES:
        return text
    partial_frame = {name: frame[name] for name in ("type", "stream", "seq", "event")}
    return encode_json({**partial_frame, "partial": True, "ref": resource_path(frame)})


def resource_path(frame: Mapping[str, Any]) -> str:
    """The path of the thing that an event is about."""
    kind, _, stream_id = str(frame["stream"]).partition(":")
    subject, data = str(frame["event"]).partition(".")[0], frame["data"]
    if subject == "message":
        return f"/messages/{data.get('message_id') or data['message']['id']}"
    if kind == StreamKind.CONVERSATION:
        return f"/conversations/{stream_id}"
    if subject == "conversation":
        return f"/conversations/{data.get('conversation_id') or data['conversation']['id']}"
    if kind == StreamKind.FORUM:
        return f"/posts/{data['post']['id']}" if subject == "post" else "/forums"
    if kind == StreamKind.POST:
        return (
            f"/comments/{data['comment']['id']}" if subject == "comment" else f"/posts/{stream_id}"
        )
    return "/me"


def batch_frame(events: Iterable[str]) -> str:
    return _BATCH_BEGINS + ",".join(events) + _BATCH_ENDS


def merge_frames(frames: Iterable[str]) -> Iterator[tuple[str, int]]:
    """The same in the same order, with events that follow one another in a batch as large as fits.
    Each with the number of frames that it stands for.
    """
    events: list[str] = []
    size = 0
    for frame in frames:
        weight = len(frame.encode()) + 1
        is_event = frame.startswith(_EVENT_BEGINS)
        if events and (not is_event or size + weight > FRAME_BYTES):
            yield _merged(events), len(events)
            events, size = [], 0
        if not is_event:
            yield frame, 1
            continue
        events.append(frame)
        size = (size or _BATCH_BYTES) + weight
    if events:
        yield _merged(events), len(events)


def _merged(events: list[str]) -> str:
    return events[0] if len(events) == 1 else batch_frame(events)
