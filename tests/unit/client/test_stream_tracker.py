"""The stream tracker alone, with every fault of delivery."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cgraph_client.core.errors import ProtocolError
from cgraph_client.models.changes import Change, Event, Snapshot, StreamAdded, StreamRemoved
from cgraph_client.models.sync import StreamSync
from cgraph_client.realtime.stream_position import MAX_BUFFERED
from cgraph_client.realtime.stream_tracker import GAP_SECONDS, StreamTracker


def event(seq: int, stream: str = "conv:a") -> Event:
    return Event(stream, "message.created", seq)


def user_event(seq: int, kind: str, **data: object) -> Event:
    return Event("user:me", kind, seq, data=data)


def numbers(changes: list[Change]) -> list[int | None]:
    return [change.seq for change in changes if isinstance(change, Event)]


def sync_of(*seqs: int, head: int | None = None) -> StreamSync:
    return StreamSync(tuple(map(event, seqs)), head=head or seqs[-1], to=seqs[-1])


def test_the_next_event_is_yielded_and_repeats_are_dropped() -> None:
    tracker = StreamTracker({"conv:a": 4})
    assert numbers(tracker.apply_event(event(5), now=0)) == [5]
    assert tracker.apply_event(event(5), now=0) == []
    assert tracker.apply_event(event(3), now=0) == []
    assert tracker.cursors == {"conv:a": 5}
    assert tracker.next_sync_time() is None


def test_a_gap_that_fills_in_time_needs_no_sync() -> None:
    tracker = StreamTracker({"conv:a": 0})
    assert tracker.apply_event(event(3), now=10) == []
    assert tracker.apply_event(event(2), now=10.1) == []
    assert tracker.next_sync_time() == 10 + GAP_SECONDS
    assert numbers(tracker.apply_event(event(1), now=10.2)) == [1, 2, 3]
    assert tracker.next_sync_time() is None


def test_a_gap_that_stays_is_synced_after_half_a_second() -> None:
    tracker = StreamTracker({"conv:a": 0})
    tracker.apply_event(event(3), now=10)
    assert tracker.streams_to_sync(10.4) == {}
    assert tracker.streams_to_sync(10.5) == {"conv:a": 0}
    changes = tracker.apply_sync("conv:a", sync_of(1, 2), cursor=0, now=10.6)
    assert numbers(changes) == [1, 2, 3]
    assert tracker.next_sync_time() is None


def test_a_second_gap_waits_for_half_a_second_of_its_own() -> None:
    tracker = StreamTracker({"conv:a": 0})
    tracker.apply_event(event(2), now=10)
    tracker.apply_event(event(4), now=10.3)
    assert numbers(tracker.apply_event(event(1), now=10.4)) == [1, 2]
    assert tracker.next_sync_time() == pytest.approx(10.4 + GAP_SECONDS)


def test_the_next_page_of_a_sync_follows_at_once_and_waits_where_a_page_brought_nothing() -> None:
    tracker = StreamTracker({"conv:a": 0})
    tracker.apply_hello({"conv:a": 5}, now=0.5)
    assert numbers(tracker.apply_sync("conv:a", sync_of(1, 2, head=5), cursor=0, now=1)) == [1, 2]
    assert tracker.streams_to_sync(1) == {"conv:a": 2}
    tracker.apply_sync("conv:a", StreamSync(head=5, to=2), cursor=2, now=1)
    assert tracker.streams_to_sync(1) == {}
    assert tracker.next_sync_time() == 1 + GAP_SECONDS


def test_an_event_pushed_during_a_sync_is_yielded_once() -> None:
    tracker = StreamTracker({"conv:a": 0})
    tracker.apply_hello({"conv:a": 2}, now=1)
    assert numbers(tracker.apply_event(event(1), now=1)) == [1]
    changes = tracker.apply_sync("conv:a", sync_of(1, 2, 3), cursor=0, now=1)
    assert numbers(changes) == [2, 3]
    assert tracker.apply_event(event(3), now=1) == []


def test_a_sync_that_skips_an_event_raises_an_error() -> None:
    tracker = StreamTracker({"conv:a": 0})
    with pytest.raises(ProtocolError, match="skips from 0 to 2"):
        tracker.apply_sync("conv:a", sync_of(2), cursor=0, now=1)
    with pytest.raises(ProtocolError, match="ends at 0, not at 2"):
        tracker.apply_sync("conv:a", StreamSync(head=2, to=2), cursor=0, now=1)


def test_a_limited_stream_jumps_to_its_head_and_keeps_the_events_above() -> None:
    tracker = StreamTracker({"conv:a": 0})
    tracker.apply_event(event(9_001), now=1)
    limited = StreamSync(head=9_000, to=9_000, limited=True, unread_count=50)
    changes = tracker.apply_sync("conv:a", limited, cursor=0, now=2)
    assert changes == [Snapshot("conv:a", 9_000, (), 50), event(9_001)]
    assert tracker.next_sync_time() is None


def test_a_snapshot_older_than_the_pushed_events_is_dropped() -> None:
    tracker = StreamTracker({"conv:a": 1})
    tracker.apply_event(event(2), now=1)
    limited = StreamSync(head=2, to=2, limited=True)
    assert tracker.apply_sync("conv:a", limited, cursor=1, now=1) == []
    assert tracker.cursors == {"conv:a": 2}


def test_cursors_of_another_history_are_synced_and_corrected() -> None:
    tracker = StreamTracker({"conv:a": 50})
    tracker.apply_hello({"conv:a": 3}, now=1)
    assert tracker.streams_to_sync(1.5) == {"conv:a": 50}
    limited = StreamSync(head=3, to=3, limited=True)
    assert tracker.apply_sync("conv:a", limited, cursor=50, now=1) == [Snapshot("conv:a", 3)]
    assert tracker.cursors == {"conv:a": 3}
    assert tracker.next_sync_time() is None


def test_without_cursors_a_client_follows_from_the_heads_whatever_was_pushed_before() -> None:
    tracker = StreamTracker()
    assert tracker.apply_event(event(7), now=1) == []
    assert tracker.apply_event(event(8), now=1) == []
    changes = tracker.apply_hello({"conv:a": 7}, now=1)
    assert changes == [StreamAdded("conv:a", 7), event(8)]


def test_a_later_hello_adds_new_streams_and_syncs_missing_ones() -> None:
    tracker = StreamTracker({"user:me": 2, "conv:a": 4})
    changes = tracker.apply_hello({"user:me": 2, "conv:b": 3}, now=1)
    assert changes == [StreamAdded("conv:b", 0)]
    assert tracker.streams_to_sync(1.5) == {"conv:b": 0, "conv:a": 4}
    gone = StreamSync(gone=True)
    assert tracker.apply_sync("conv:a", gone, cursor=4, now=1) == [StreamRemoved("conv:a")]
    assert tracker.apply_event(event(5), now=1) == []
    assert "conv:a" not in tracker.cursors


def test_events_behind_the_heads_of_a_pong_have_half_a_second_to_arrive() -> None:
    tracker = StreamTracker({"conv:a": 4})
    tracker.apply_heads({"conv:a": 5}, now=1)
    assert tracker.next_sync_time() == 1 + GAP_SECONDS
    assert numbers(tracker.apply_event(event(5), now=1.2)) == [5]
    assert tracker.next_sync_time() is None
    tracker.apply_heads({"conv:a": 4}, now=2)
    assert tracker.next_sync_time() is None


def test_joining_adds_a_stream_leaving_removes_it_and_returning_resumes_it() -> None:
    tracker = StreamTracker({"user:me": 0})
    joined = {"conversation": {"id": "a"}}
    changes = tracker.apply_event(user_event(1, "conversation.joined", **joined), now=1)
    assert changes[1:] == [StreamAdded("conv:a", 0)]
    assert tracker.streams_to_sync(1) == {"conv:a": 0}
    tracker.apply_sync("conv:a", sync_of(1, 2), cursor=0, now=1)
    left = user_event(2, "conversation.left", conversation_id="a")
    assert tracker.apply_event(left, now=1) == [left, StreamRemoved("conv:a")]
    assert tracker.apply_event(event(3), now=1) == []
    back = {"conversation": {"id": "a", "head": 4}}
    changes = tracker.apply_event(user_event(3, "conversation.joined", **back), now=1)
    assert changes[1:] == [StreamAdded("conv:a", 2)]


def test_a_return_that_is_reported_late_resumes_at_the_head_of_the_return() -> None:
    """The user left at 3 and returned at 4, and their own stream reports it after 5 and 6."""
    tracker = StreamTracker({"user:me": 0, "conv:a": 2})
    tracker.apply_sync("conv:a", sync_of(3, 4, 5, 6), cursor=2, now=1)
    tracker.apply_event(user_event(1, "conversation.left", conversation_id="a"), now=2)
    back = {"conversation": {"id": "a", "head": 4}}
    changes = tracker.apply_event(user_event(2, "conversation.joined", **back), now=2)
    assert changes[1:] == [StreamAdded("conv:a", 4)]
    assert numbers(tracker.apply_sync("conv:a", sync_of(5, 6), cursor=4, now=2)) == [5, 6]


def test_the_answer_of_a_sync_before_a_return_does_not_remove_the_stream() -> None:
    tracker = StreamTracker({"user:me": 0, "conv:a": 2})
    tracker.begin_sync(["conv:a"])
    tracker.apply_event(user_event(1, "conversation.left", conversation_id="a"), now=1)
    back = {"conversation": {"id": "a", "head": 2}}
    tracker.apply_event(user_event(2, "conversation.joined", **back), now=1)
    gone = StreamSync(gone=True)
    assert tracker.apply_sync("conv:a", gone, cursor=2, now=1) == []
    assert tracker.streams_to_sync(1) == {"conv:a": 2}
    tracker.begin_sync(["conv:a"])
    assert tracker.apply_sync("conv:a", gone, cursor=2, now=1) == [StreamRemoved("conv:a")]


def test_the_buffer_is_bounded_and_a_sync_brings_the_rest() -> None:
    tracker = StreamTracker({"conv:a": 0})
    for seq in range(2, MAX_BUFFERED + 100):
        tracker.apply_event(event(seq), now=1)
    everything = sync_of(*range(1, MAX_BUFFERED + 100))
    changes = tracker.apply_sync("conv:a", everything, cursor=0, now=2)
    assert numbers(changes) == list(range(1, MAX_BUFFERED + 100))


def test_ephemeral_events_are_yielded_at_once() -> None:
    tracker = StreamTracker({"conv:a": 4})
    typing = Event("conv:a", "typing.started", ttl_ms=6_000)
    assert tracker.apply_event(typing, now=1) == [typing]
    assert tracker.cursors == {"conv:a": 4}


@given(
    pushes=st.lists(st.integers(1, 30), max_size=120),
    syncs=st.sets(st.integers(0, 119)),
)
def test_any_delivery_yields_each_event_once_and_in_order(
    pushes: list[int], syncs: set[int]
) -> None:
    tracker = StreamTracker({"conv:a": 0})
    changes: list[Change] = []
    for step, seq in enumerate(pushes):
        changes += tracker.apply_event(event(seq), now=step)
        if step in syncs:
            changes += answer_sync(tracker, cursor=max(0, tracker.cursors["conv:a"] - step % 3))
    changes += answer_sync(tracker, cursor=tracker.cursors["conv:a"])
    assert numbers(changes) == list(range(1, 31))


def answer_sync(tracker: StreamTracker, *, cursor: int) -> list[Change]:
    events = tuple(event(seq) for seq in range(cursor + 1, 31))
    answer = StreamSync(events, head=30, to=30)
    return tracker.apply_sync("conv:a", answer, cursor=cursor, now=0)


def test_an_unknown_stream_waits_until_the_users_own_stream_is_synced() -> None:
    tracker = StreamTracker({"user:me": 0})
    assert tracker.apply_event(event(3), now=1) == []
    assert tracker.streams_to_sync(1.5) == {"user:me": 0}
    joined = user_event(1, "conversation.joined", conversation={"id": "a", "head": 2})
    changes = tracker.apply_sync("user:me", StreamSync((joined,), head=1, to=1), cursor=0, now=1.6)
    assert changes == [joined, StreamAdded("conv:a", 2)]
    assert tracker.streams_to_sync(1.6) == {"conv:a": 2}
    tracker.apply_event(event(1, "conv:b"), now=2)
    changes = tracker.apply_sync("user:me", StreamSync(head=1, to=1), cursor=1, now=3)
    assert changes == [StreamAdded("conv:b", 0)]
    assert tracker.streams_to_sync(3)["conv:b"] == 0


def test_a_resume_yields_the_membership_before_the_messages_of_the_conversation() -> None:
    tracker = StreamTracker({"user:me": 0})
    assert tracker.apply_hello({"user:me": 1, "conv:a": 3}, now=1) == []
    joined = user_event(1, "conversation.joined", conversation={"id": "a"})
    assert tracker.apply_event(joined, now=1) == [joined, StreamAdded("conv:a", 0)]


def test_a_partial_event_is_synced_at_once_and_delays_no_other_stream() -> None:
    tracker = StreamTracker({"conv:a": 0, "conv:b": 0})
    assert tracker.apply_event(replace(event(1), partial=True, ref="/messages/x"), now=1) == []
    assert tracker.apply_event(event(2), now=1) == []
    assert numbers(tracker.apply_event(event(1, "conv:b"), now=1)) == [1]
    assert tracker.streams_to_sync(1) == {"conv:a": 0}
    assert numbers(tracker.apply_sync("conv:a", sync_of(1), cursor=0, now=1.1)) == [1, 2]
    assert tracker.next_sync_time() is None
