"""Subscriptions to the ephemeral events of streams."""

from __future__ import annotations

from cgraph_client import (
    Client,
    PresenceSnapshot,
    StreamRemoved,
)
from tests.unit.client.change_recorder import ChangeRecorder
from tests.unit.client.conftest import QUICK
from tests.unit.client.fake_server.server import FakeServer


async def test_pings_ask_about_every_stream_in_turn(server: FakeServer, ada: Client) -> None:
    server.faults.heads_in_hello = 0
    for n in range(120):
        await ada.create_conversation("ada", name=f"{n}")
    async with ada.connect(backoff=QUICK) as connection:
        connection.subscribed_streams = [f"conv:{next(iter(server.state.conversations))}"]
        pings = [connection._subscriptions.heartbeat_streams() for _ in range(3)]
    assert [len(streams) for streams in pings] == [50, 50, 50]
    assert all(streams[0] in connection.subscribed_streams for streams in pings)
    assert len({stream for streams in pings for stream in streams}) == 120


async def test_subscriptions_are_renewed_before_the_lease_ends_and_on_each_new_socket(
    server: FakeServer, ada: Client, stable_sockets: None
) -> None:
    conversation = await ada.create_conversation("ada", name="notes")
    server.faults.lease_ms = 200
    async with ChangeRecorder(ada) as recorder:
        recorder.connection.set_presence("away")
        recorder.connection.subscribed_streams = [f"conv:{conversation.id}"]
        await recorder.until(lambda: server.counts["frame subscribe"] >= 3)
        assert any(isinstance(change, PresenceSnapshot) for change in recorder.changes)
        assert server.counts["frame presence"] == 1
        server.cut()
        await recorder.until(lambda: server.counts["frame presence"] == 2)
        before = server.counts["frame subscribe"]
        await recorder.until(lambda: server.counts["frame subscribe"] > before)
        recorder.connection.subscribed_streams = []
        await recorder.until(lambda: server.counts["frame unsubscribe"] == 1)


async def test_a_stream_that_cannot_be_subscribed_is_removed(
    server: FakeServer, ada: Client
) -> None:
    conversation = await ada.create_conversation("ada", name="notes")
    async with ChangeRecorder(ada) as recorder:
        server.state.conversations[conversation.id]["members"] = []
        recorder.connection.subscribed_streams = [f"conv:{conversation.id}"]
        await recorder.until(lambda: StreamRemoved(f"conv:{conversation.id}") in recorder.changes)
