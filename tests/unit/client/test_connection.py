"""A realtime connection yields every change once and in order."""

from __future__ import annotations

import asyncio
import time

import pytest

from cgraph_client import (
    Client,
    ConnectionState,
    ProtocolError,
    StreamRemoved,
    Unauthenticated,
)
from tests.unit.client.change_recorder import ChangeRecorder
from tests.unit.client.conftest import QUICK
from tests.unit.client.fake_server.server import FakeServer


async def test_messages_are_yielded_in_the_order_they_are_sent(ada: Client, grace: Client) -> None:
    async with ChangeRecorder(grace) as recorder:
        conversation = await ada.create_conversation("grace")
        for n in range(10):
            await ada.send(conversation.id, f"hello {n}")
        await recorder.until(lambda: len(recorder.messages) == 10)
    assert recorder.contents == [f"hello {n}" for n in range(10)]
    assert recorder.states == [ConnectionState.CONNECTED, ConnectionState.CLOSED]


async def test_two_clients_have_equal_histories_after_bad_delivery(
    server: FakeServer, ada: Client, grace: Client
) -> None:
    conversation = await ada.create_conversation("grace")
    server.faults.duplicated = server.faults.reordered = 0.2
    server.faults.dropped = 0.1
    server.faults.heartbeat_ms = 300
    server.faults.sync_limit = 17
    async with ChangeRecorder(ada) as mine, ChangeRecorder(grace) as theirs:
        for n in range(300):
            await (ada if n % 2 else grace).send(conversation.id, f"message {n}")
            if n % 60 == 30:
                server.cut(0.7)
        await mine.until(lambda: len(mine.messages) >= 300)
        await theirs.until(lambda: len(theirs.messages) >= 300)
    assert server.counts["dropped"] and server.counts["duplicated"] and server.counts["reordered"]
    assert server.counts["sockets"] > 2 and server.counts["POST /sync"] > 0
    assert mine.contents == theirs.contents == [f"message {n}" for n in range(300)]


async def test_a_connection_survives_a_restart_of_the_server(
    server: FakeServer, ada: Client, grace: Client
) -> None:
    conversation = await ada.create_conversation("grace")
    async with ChangeRecorder(grace) as recorder:
        await server.stop()
        await recorder.until(lambda: ConnectionState.RECONNECTING in recorder.states)
        assert recorder.connection.last_error
        ada_id = server.state.user_by_name("ada")["id"]
        assert server.state.has_access(ada_id, f"conv:{conversation.id}")
        server.actions.send(ada_id, {"conversation_id": conversation.id, "content": "while away"})
        await server.start()
        await recorder.until(lambda: recorder.contents == ["while away"])
        assert recorder.states[-1] is ConnectionState.CONNECTED


async def test_a_connection_resumes_after_its_cursors(
    server: FakeServer, ada: Client, grace: Client
) -> None:
    conversation = await ada.create_conversation("grace")
    async with ChangeRecorder(grace) as first:
        await ada.send(conversation.id, "one")
        await first.until(lambda: first.contents == ["one"])
        cursors = first.connection.cursors
    await ada.send(conversation.id, "two")
    other = await ada.create_conversation("grace", name="other")
    await ada.send(other.id, "three")
    async with ChangeRecorder(grace, cursors) as second:
        await second.until(lambda: sorted(second.contents) == ["three", "two"])
    assert second.connection.cursors[f"conv:{other.id}"] == 1


async def test_cursors_count_changes_that_were_yielded_not_those_that_were_received(
    ada: Client, grace: Client
) -> None:
    conversation = await ada.create_conversation("grace")
    async with grace.connect(backoff=QUICK) as connection:
        for n in range(3):
            await ada.send(conversation.id, f"{n}")
        await asyncio.sleep(0.1)
        assert connection.cursors == {}
        seen = 0
        async for change in connection:
            if change.stream == f"conv:{conversation.id}":
                assert connection.cursors[change.stream] == seen
                seen += 1
            if seen > 3:
                break


async def test_a_client_that_is_far_behind_gets_a_snapshot_and_goes_on(
    server: FakeServer, ada: Client, grace: Client
) -> None:
    conversation = await ada.create_conversation("grace")
    for n in range(80):
        await ada.send(conversation.id, f"{n}")
    server.faults.snapshot_above = 60
    async with ChangeRecorder(grace, {f"conv:{conversation.id}": 0}) as recorder:
        await recorder.until(lambda: bool(recorder.snapshots))
        await ada.send(conversation.id, "new")
        await recorder.until(lambda: recorder.contents == ["new"])
    snapshot = recorder.snapshots[0]
    assert (snapshot.head, snapshot.unread_count, len(snapshot.messages)) == (80, 80, 50)


async def test_a_removed_member_gets_no_further_event_and_a_returning_one_gets_those_missed(
    server: FakeServer, ada: Client, grace: Client
) -> None:
    conversation = await ada.create_conversation("grace")
    stream = f"conv:{conversation.id}"
    async with ChangeRecorder(grace) as recorder:
        await ada.send(conversation.id, "one")
        server.actions.remove_member(conversation.id, "grace")
        await recorder.until(lambda: StreamRemoved(stream) in recorder.changes)
        assert stream not in recorder.connection.cursors
        await ada.send(conversation.id, "two")
        server.actions.add_member(conversation.id, "grace")
        await recorder.until(lambda: recorder.contents == ["one", "two"])


async def test_the_iteration_ends_with_an_error_when_the_session_has_ended(
    server: FakeServer, ada: Client
) -> None:
    async with ada.connect(backoff=QUICK) as connection:
        server.state.access_tokens.clear()
        await server.broadcast({"type": "closing", "data": {"reason": "session_revoked"}})
        server.cut()
        with pytest.raises(Unauthenticated):
            async for _ in connection:
                pass
        assert connection.state is ConnectionState.CLOSED


async def test_a_malformed_frame_raises_an_error(server: FakeServer, ada: Client) -> None:
    with pytest.raises(ProtocolError):
        async with ada.connect(backoff=QUICK) as connection:
            await server.broadcast({"type": "event", "stream": "conv:x"})
            await asyncio.sleep(0.2)
            assert connection.state is ConnectionState.CLOSED


async def test_unknown_frames_are_ignored(server: FakeServer, ada: Client) -> None:
    async with ChangeRecorder(ada) as recorder:
        await server.broadcast({"type": "confetti", "data": {}})
        await server.broadcast({"message": "Internal server error", "requestId": "r"})
        conversation = await ada.create_conversation("ada")
        await ada.send(conversation.id, "fine")
        await recorder.until(lambda: recorder.contents == ["fine"])


async def test_a_connection_closes_quickly_even_while_it_connects(
    server: FakeServer, ada: Client
) -> None:
    server.faults.silent_sockets = True
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2), ada.connect(backoff=QUICK):
            pass
    assert time.monotonic() - began < 3
