"""The client's algorithm alone: every way in which delivery can be wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cgraph_client.changes import Change, Event, Following, Gone, Snapshot, StreamPart
from cgraph_client.errors import ProtocolError
from cgraph_client.streams import HOLD_SECONDS, MAX_HELD, Streams


def event(seq: int, stream: str = "conv:a") -> Event:
    return Event(stream, "message.created", seq)


def user_event(seq: int, kind: str, **data: object) -> Event:
    return Event("user:me", kind, seq, data=data)


def numbers(changes: list[Change]) -> list[int | None]:
    return [change.seq for change in changes if isinstance(change, Event)]


def part(*seqs: int, head: int | None = None) -> StreamPart:
    return StreamPart(tuple(map(event, seqs)), head=head or seqs[-1], to=seqs[-1])


def test_the_next_number_is_told_and_repeats_are_not() -> None:
    streams = Streams({"conv:a": 4})
    assert numbers(streams.receive(event(5), now=0)) == [5]
    assert streams.receive(event(5), now=0) == []
    assert streams.receive(event(3), now=0) == []
    assert streams.cursors == {"conv:a": 5}
    assert streams.next_due() is None


def test_a_gap_that_fills_in_time_needs_no_sync() -> None:
    streams = Streams({"conv:a": 0})
    assert streams.receive(event(3), now=10) == []
    assert streams.receive(event(2), now=10.1) == []
    assert streams.next_due() == 10 + HOLD_SECONDS
    assert numbers(streams.receive(event(1), now=10.2)) == [1, 2, 3]
    assert streams.next_due() is None


def test_a_gap_that_stays_is_synced_after_the_hold() -> None:
    streams = Streams({"conv:a": 0})
    streams.receive(event(3), now=10)
    assert streams.due(10.4) == {}
    assert streams.due(10.5) == {"conv:a": 0}
    told = streams.settle("conv:a", part(1, 2), asked_from=0, now=10.6)
    assert numbers(told) == [1, 2, 3]
    assert streams.next_due() is None


def test_a_second_gap_gets_a_hold_of_its_own() -> None:
    streams = Streams({"conv:a": 0})
    streams.receive(event(2), now=10)
    streams.receive(event(4), now=10.3)
    assert numbers(streams.receive(event(1), now=10.4)) == [1, 2]
    assert streams.next_due() == pytest.approx(10.4 + HOLD_SECONDS)


def test_pages_of_a_sync_follow_at_once_and_a_standstill_waits() -> None:
    streams = Streams({"conv:a": 0})
    streams.greet({"conv:a": 5}, now=0.5)
    assert numbers(streams.settle("conv:a", part(1, 2, head=5), asked_from=0, now=1)) == [1, 2]
    assert streams.due(1) == {"conv:a": 2}
    streams.settle("conv:a", StreamPart(head=5, to=2), asked_from=2, now=1)
    assert streams.due(1) == {}
    assert streams.next_due() == 1 + HOLD_SECONDS


def test_what_was_pushed_during_a_sync_is_not_told_again() -> None:
    streams = Streams({"conv:a": 0})
    streams.greet({"conv:a": 2}, now=1)
    assert numbers(streams.receive(event(1), now=1)) == [1]
    told = streams.settle("conv:a", part(1, 2, 3), asked_from=0, now=1)
    assert numbers(told) == [2, 3]
    assert streams.receive(event(3), now=1) == []


def test_a_sync_that_skips_is_an_error() -> None:
    streams = Streams({"conv:a": 0})
    with pytest.raises(ProtocolError, match="skips from 0 to 2"):
        streams.settle("conv:a", part(2), asked_from=0, now=1)
    with pytest.raises(ProtocolError, match="ends at 0, not at 2"):
        streams.settle("conv:a", StreamPart(head=2, to=2), asked_from=0, now=1)


def test_a_limited_stream_jumps_to_its_head_and_keeps_what_is_above() -> None:
    streams = Streams({"conv:a": 0})
    streams.receive(event(9_001), now=1)
    limited = StreamPart(head=9_000, to=9_000, limited=True, unread_count=50)
    told = streams.settle("conv:a", limited, asked_from=0, now=2)
    assert told == [Snapshot("conv:a", 9_000, (), 50), event(9_001)]
    assert streams.next_due() is None


def test_a_snapshot_that_was_overtaken_is_not_told() -> None:
    streams = Streams({"conv:a": 1})
    streams.receive(event(2), now=1)
    limited = StreamPart(head=2, to=2, limited=True)
    assert streams.settle("conv:a", limited, asked_from=1, now=1) == []
    assert streams.cursors == {"conv:a": 2}


def test_cursors_of_another_history_are_asked_about_and_corrected() -> None:
    streams = Streams({"conv:a": 50})
    streams.greet({"conv:a": 3}, now=1)
    assert streams.due(1.5) == {"conv:a": 50}
    limited = StreamPart(head=3, to=3, limited=True)
    assert streams.settle("conv:a", limited, asked_from=50, now=1) == [Snapshot("conv:a", 3)]
    assert streams.cursors == {"conv:a": 3}
    assert streams.next_due() is None


def test_without_cursors_one_follows_from_the_heads_whatever_was_pushed_before() -> None:
    streams = Streams()
    assert streams.receive(event(7), now=1) == []
    assert streams.receive(event(8), now=1) == []
    told = streams.greet({"conv:a": 7}, now=1)
    assert told == [Following("conv:a", 7), event(8)]


def test_a_later_hello_starts_what_is_new_and_asks_about_what_is_missing() -> None:
    streams = Streams({"user:me": 2, "conv:a": 4})
    told = streams.greet({"user:me": 2, "conv:b": 3}, now=1)
    assert told == [Following("conv:b", 0)]
    assert streams.due(1.5) == {"conv:b": 0, "conv:a": 4}
    gone = StreamPart(gone=True)
    assert streams.settle("conv:a", gone, asked_from=4, now=1) == [Gone("conv:a")]
    assert streams.receive(event(5), now=1) == []
    assert "conv:a" not in streams.cursors


def test_heads_of_a_pong_leave_pushes_the_time_of_the_hold() -> None:
    streams = Streams({"conv:a": 4})
    streams.note_heads({"conv:a": 5}, now=1)
    assert streams.next_due() == 1 + HOLD_SECONDS
    assert numbers(streams.receive(event(5), now=1.2)) == [5]
    assert streams.next_due() is None
    streams.note_heads({"conv:a": 4}, now=2)
    assert streams.next_due() is None


def test_membership_starts_and_ends_streams_and_a_return_resumes() -> None:
    streams = Streams({"user:me": 0})
    joined = {"conversation": {"id": "a"}}
    told = streams.receive(user_event(1, "conversation.joined", **joined), now=1)
    assert told[1:] == [Following("conv:a", 0)]
    assert streams.due(1) == {"conv:a": 0}
    streams.settle("conv:a", part(1, 2), asked_from=0, now=1)
    left = user_event(2, "conversation.left", conversation_id="a")
    assert streams.receive(left, now=1) == [left, Gone("conv:a")]
    assert streams.receive(event(3), now=1) == []
    back = {"conversation": {"id": "a", "head": 4}}
    told = streams.receive(user_event(3, "conversation.joined", **back), now=1)
    assert told[1:] == [Following("conv:a", 2)]


def test_a_return_that_is_told_late_begins_where_it_was() -> None:
    """Out at 3 and back at 4; the own stream says so when 5 and 6 are told already."""
    streams = Streams({"user:me": 0, "conv:a": 2})
    streams.settle("conv:a", part(3, 4, 5, 6), asked_from=2, now=1)
    streams.receive(user_event(1, "conversation.left", conversation_id="a"), now=2)
    back = {"conversation": {"id": "a", "head": 4}}
    told = streams.receive(user_event(2, "conversation.joined", **back), now=2)
    assert told[1:] == [Following("conv:a", 4)]
    assert numbers(streams.settle("conv:a", part(5, 6), asked_from=4, now=2)) == [5, 6]


def test_an_answer_that_was_overtaken_by_a_return_does_not_end_it() -> None:
    streams = Streams({"user:me": 0, "conv:a": 2})
    streams.ask(["conv:a"])
    streams.receive(user_event(1, "conversation.left", conversation_id="a"), now=1)
    back = {"conversation": {"id": "a", "head": 2}}
    streams.receive(user_event(2, "conversation.joined", **back), now=1)
    gone = StreamPart(gone=True)
    assert streams.settle("conv:a", gone, asked_from=2, now=1) == []
    assert streams.due(1) == {"conv:a": 2}
    streams.ask(["conv:a"])
    assert streams.settle("conv:a", gone, asked_from=2, now=1) == [Gone("conv:a")]


def test_what_is_held_is_bounded_and_the_sync_brings_the_rest() -> None:
    streams = Streams({"conv:a": 0})
    for seq in range(2, MAX_HELD + 100):
        streams.receive(event(seq), now=1)
    everything = part(*range(1, MAX_HELD + 100))
    told = streams.settle("conv:a", everything, asked_from=0, now=2)
    assert numbers(told) == list(range(1, MAX_HELD + 100))


def test_ephemeral_events_pass_through() -> None:
    streams = Streams({"conv:a": 4})
    typing = Event("conv:a", "typing.started", ttl_ms=6_000)
    assert streams.receive(typing, now=1) == [typing]
    assert streams.cursors == {"conv:a": 4}


@given(
    pushes=st.lists(st.integers(1, 30), max_size=120),
    syncs=st.sets(st.integers(0, 119)),
)
def test_any_delivery_tells_each_number_once_and_in_order(
    pushes: list[int], syncs: set[int]
) -> None:
    streams = Streams({"conv:a": 0})
    told: list[Change] = []
    for step, seq in enumerate(pushes):
        told += streams.receive(event(seq), now=step)
        if step in syncs:
            told += answer_sync(streams, asked_from=max(0, streams.cursors["conv:a"] - step % 3))
    told += answer_sync(streams, asked_from=streams.cursors["conv:a"])
    assert numbers(told) == list(range(1, 31))


def answer_sync(streams: Streams, *, asked_from: int) -> list[Change]:
    events = tuple(event(seq) for seq in range(asked_from + 1, 31))
    answer = StreamPart(events, head=30, to=30)
    return streams.settle("conv:a", answer, asked_from=asked_from, now=0)


def test_a_stream_nobody_spoke_of_waits_for_what_ones_own_stream_says() -> None:
    streams = Streams({"user:me": 0})
    assert streams.receive(event(3), now=1) == []
    assert streams.due(1.5) == {"user:me": 0}
    joined = user_event(1, "conversation.joined", conversation={"id": "a", "head": 2})
    told = streams.settle("user:me", StreamPart((joined,), head=1, to=1), asked_from=0, now=1.6)
    assert told == [joined, Following("conv:a", 2)]
    assert streams.due(1.6) == {"conv:a": 2}
    streams.receive(event(1, "conv:b"), now=2)
    told = streams.settle("user:me", StreamPart(head=1, to=1), asked_from=1, now=3)
    assert told == [Following("conv:b", 0)]
    assert streams.due(3)["conv:b"] == 0


def test_a_resume_tells_of_a_conversation_before_what_was_said_in_it() -> None:
    streams = Streams({"user:me": 0})
    assert streams.greet({"user:me": 1, "conv:a": 3}, now=1) == []
    joined = user_event(1, "conversation.joined", conversation={"id": "a"})
    assert streams.receive(joined, now=1) == [joined, Following("conv:a", 0)]


def test_a_partial_event_is_taken_from_the_log_at_once_and_holds_up_nobody() -> None:
    streams = Streams({"conv:a": 0, "conv:b": 0})
    assert streams.receive(replace(event(1), partial=True, ref="/messages/x"), now=1) == []
    assert streams.receive(event(2), now=1) == []
    assert numbers(streams.receive(event(1, "conv:b"), now=1)) == [1]
    assert streams.due(1) == {"conv:a": 0}
    assert numbers(streams.settle("conv:a", part(1), asked_from=0, now=1.1)) == [1, 2]
    assert streams.next_due() is None
