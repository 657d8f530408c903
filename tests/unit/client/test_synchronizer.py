"""How missing events are found and fetched."""

from __future__ import annotations

import asyncio

import pytest

from cgraph_client import (
    Client,
    StreamRemoved,
)
from cgraph_client.realtime import synchronizer
from tests.unit.client.change_recorder import ChangeRecorder
from tests.unit.client.conftest import QUICK
from tests.unit.client.fake_server.server import FakeServer


async def test_the_next_heartbeat_finds_a_lost_push(
    server: FakeServer, ada: Client, grace: Client
) -> None:
    conversation = await ada.create_conversation("grace")
    server.faults.heartbeat_ms = 200
    async with ChangeRecorder(grace) as recorder:
        server.faults.dropped = 1.0
        await ada.send(conversation.id, "the last word")
        await recorder.until(lambda: recorder.contents == ["the last word"], seconds=3)


async def test_events_behind_a_heads_frame_are_synced(
    server: FakeServer, ada: Client, grace: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(synchronizer, "HEADS_JITTER_SECONDS", 0.05)
    conversation = await ada.create_conversation("grace")
    async with ChangeRecorder(grace) as recorder:
        server.faults.dropped = 1.0
        await ada.send(conversation.id, "to a thousand")
        await server.broadcast({"type": "heads", "heads": {f"conv:{conversation.id}": 1}})
        await recorder.until(lambda: recorder.contents == ["to a thousand"])


async def test_a_partial_event_is_yielded_whole(
    server: FakeServer, ada: Client, grace: Client
) -> None:
    conversation = await ada.create_conversation("grace")
    server.faults.partial_above = 2_000
    async with ChangeRecorder(grace) as recorder:
        await ada.send(conversation.id, "long " * 600)
        await ada.send(conversation.id, "short")
        await recorder.until(lambda: len(recorder.contents) == 2)
    assert recorder.contents == ["long " * 600, "short"]


async def test_a_client_starts_from_all_heads_where_hello_has_only_some(
    server: FakeServer, ada: Client, grace: Client
) -> None:
    server.faults.heads_in_hello = 2
    conversations = [await ada.create_conversation("grace", name=f"{n}") for n in range(5)]
    for conversation in conversations:
        await ada.send(conversation.id, "before")
    async with ChangeRecorder(grace) as recorder:
        await ada.send(conversations[0].id, "after")
        await ada.send(conversations[4].id, "after")
        await recorder.until(lambda: len(recorder.messages) == 2)
    assert recorder.contents == ["after", "after"]


async def test_memberships_are_requested_after_a_snapshot_of_the_users_own_stream(
    server: FakeServer, ada: Client, grace: Client
) -> None:
    server.faults.heads_in_hello = 1
    me = await grace.me()
    conversations = [await ada.create_conversation("grace", name=f"{n}") for n in range(4)]
    await ada.send(conversations[0].id, "found")
    server.faults.snapshot_above = 2
    lost = f"conv:{'0' * 36}"
    server.state.conversations[lost.removeprefix("conv:")] = {"members": []}
    async with ChangeRecorder(grace, {f"user:{me.id}": 0, lost: 3}) as recorder:
        await recorder.until(lambda: recorder.contents == ["found"])
        await recorder.until(lambda: StreamRemoved(lost) in recorder.changes)
        await recorder.until(lambda: len(recorder.connection.cursors) == 5)


async def test_hundreds_of_cursors_are_sent_in_fragments(server: FakeServer, ada: Client) -> None:
    me = await ada.me()
    cursors = {f"user:{me.id}": 0} | {f"conv:{n:036d}": n for n in range(1_000)}
    for stream in cursors:
        server.state.conversations[stream.removeprefix("conv:")] = {"members": []}
    async with ChangeRecorder(ada, cursors) as recorder:
        await recorder.until(lambda: len(recorder.changes) == 1_000)
    assert all(isinstance(change, StreamRemoved) for change in recorder.changes)


async def test_a_slow_reader_loses_no_event(
    server: FakeServer, ada: Client, grace: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(synchronizer, "MAX_QUEUED_CHANGES", 20)
    conversation = await ada.create_conversation("grace")
    async with grace.connect(backoff=QUICK) as connection:
        for n in range(100):
            await ada.send(conversation.id, f"{n}")
        seen: list[str] = []
        async with asyncio.timeout(10):
            async for change in connection:
                message = getattr(change, "message", None)
                if message is not None:
                    seen.append(message.content)
                if len(seen) == 100:
                    break
    assert seen == [f"{n}" for n in range(100)]
    assert server.counts["POST /sync"] > 0
