"""`POST /sync`."""

from __future__ import annotations

from collections import Counter

from tests.unit.client.fake_server.state import Faults, JsonObject, ServerState

SNAPSHOT_MESSAGES = 50


def sync_streams(
    state: ServerState, user_id: str, body: JsonObject, *, faults: Faults, counts: Counter[str]
) -> JsonObject:
    left = min(faults.sync_limit, body["limit"])
    answers, following = {}, {}
    for stream, seq in body["cursors"].items():
        if not state.has_access(user_id, stream):
            answers[stream] = {"gone": True}
        elif _needs_snapshot(state, stream, seq, faults=faults):
            counts["snapshots"] += 1
            answers[stream] = _snapshot(state, stream, seq, reader=user_id)
        else:
            log = state.streams[stream]
            events = log[seq : seq + left]
            left -= len(events)
            to = seq + len(events)
            answers[stream] = _answer(seq, head=len(log), to=to) | {"events": events}
            if to < len(log):
                following[stream] = to
    return {"streams": answers, "next": following or None}


def _needs_snapshot(state: ServerState, stream: str, seq: int, *, faults: Faults) -> bool:
    head = len(state.streams[stream])
    return seq > head or head - seq > faults.snapshot_above


def _snapshot(state: ServerState, stream: str, seq: int, *, reader: str) -> JsonObject:
    head = len(state.streams[stream])
    answer = _answer(seq, head=head, to=head) | {"limited": True}
    kind, _, id = stream.partition(":")
    if kind == "user":
        return answer
    conversation = state.conversation(id, reader=reader)
    messages = state.history(id, reader=reader)[-SNAPSHOT_MESSAGES:]
    snapshot = {"messages": messages, "unread_count": conversation["unread_count"]}
    return {**answer, "snapshot": {**snapshot, "conversation": conversation}}


def _answer(seq: int, *, head: int, to: int) -> JsonObject:
    return {"from": seq, "to": to, "head": head, "limited": False, "events": []}
