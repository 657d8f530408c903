"""How sockets end and what follows, and what is kept up from one to the next."""

from __future__ import annotations

import asyncio
import time

import pytest

from cgraph_client import Client, Gone, Outbox, Present, Signals, State, Unauthenticated, lifeline
from cgraph_client import signals as signals_module
from tests.unit.client.conftest import QUICK
from tests.unit.client.reader import Reader
from tests.unit.client.small_server import SmallServer


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every socket has lived long enough to be no failure."""
    monkeypatch.setattr(lifeline, "SETTLED_SECONDS", 0.0)


async def test_in_a_storm_clients_spread_and_else_come_back_at_once(
    server: SmallServer, ada: Client, monkeypatch: pytest.MonkeyPatch, settled: None
) -> None:
    waited: list[float] = []

    def remember(seconds: float) -> float:
        waited.append(seconds)
        return 0.0

    monkeypatch.setattr(lifeline, "spread", remember)
    server.faults.storm_jitter_ms = 6_000
    async with Reader(ada) as reader:
        waited.clear()
        server.faults.storm_jitter_ms = 1_500
        server.cut()
        await reader.until(lambda: server.counts["sockets"] >= 2)
        assert waited[0] == 6.0
        await reader.until(lambda: reader.states[-1] is State.CONNECTED)
        waited.clear()
        server.cut()
        await reader.until(lambda: server.counts["sockets"] == 3)
        assert 1.5 not in waited


async def test_where_no_socket_opens_everything_still_comes(
    server: SmallServer, ada: Client, grace: Client
) -> None:
    talk = await ada.create_conversation("grace")
    async with Reader(grace) as reader:
        server.faults.no_sockets = True
        server.cut(1.0)
        await reader.until(lambda: State.RECONNECTING in reader.states)
        for n in range(3):
            await ada.send(talk.id, f"message {n}")
        await reader.until(lambda: len(reader.messages) == 3)
        assert reader.states[-1] is State.RECONNECTING
        server.faults.no_sockets = False
        await reader.until(lambda: reader.states[-1] is State.CONNECTED)
    assert reader.contents == [f"message {n}" for n in range(3)]


async def test_a_revoked_session_stops_with_a_clear_error(server: SmallServer, ada: Client) -> None:
    async with ada.subscribe(backoff=QUICK) as changes:
        await server.tell_all({"type": "closing", "data": {"reason": "session_revoked"}})
        with pytest.raises(Unauthenticated, match="session_revoked"):
            async for _ in changes:
                pass
    assert server.counts["sockets"] == 1


async def test_a_flooder_waits_before_it_comes_back(server: SmallServer, ada: Client) -> None:
    async with Reader(ada) as reader:
        began = time.monotonic()
        data = {"reason": "rate_limited", "retry_after_ms": 300}
        await server.tell_all({"type": "closing", "data": data})
        await reader.until(lambda: server.counts["sockets"] >= 2)
        assert time.monotonic() - began > 0.3
        assert State.RECONNECTING not in reader.states, "the old socket was left to the server"


async def test_heads_without_events_are_fetched(
    server: SmallServer, ada: Client, grace: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cgraph_client.feed.HEADS_SECONDS", 0.05)
    talk = await ada.create_conversation("grace")
    async with Reader(grace) as reader:
        server.faults.dropped = 1.0
        await ada.send(talk.id, "to a thousand")
        await server.tell_all({"type": "heads", "heads": {f"conv:{talk.id}": 1}})
        await reader.until(lambda: reader.contents == ["to a thousand"])


async def test_a_partial_event_arrives_whole(
    server: SmallServer, ada: Client, grace: Client
) -> None:
    talk = await ada.create_conversation("grace")
    server.faults.partial_above = 2_000
    async with Reader(grace) as reader:
        await ada.send(talk.id, "long " * 600)
        await ada.send(talk.id, "short")
        await reader.until(lambda: len(reader.contents) == 2)
    assert reader.contents == ["long " * 600, "short"]


async def test_the_focus_is_kept_by_lease_and_on_each_new_socket(
    server: SmallServer, ada: Client, settled: None
) -> None:
    talk = await ada.create_conversation("ada", name="notes")
    server.faults.lease_ms = 200
    async with Reader(ada) as reader:
        reader.subscription.be("away")
        reader.subscription.focus = [f"conv:{talk.id}"]
        await reader.until(lambda: server.counts["frame subscribe"] >= 3)
        assert any(isinstance(change, Present) for change in reader.changes)
        assert server.counts["frame presence"] == 1
        server.cut()
        await reader.until(lambda: server.counts["frame presence"] == 2)
        before = server.counts["frame subscribe"]
        await reader.until(lambda: server.counts["frame subscribe"] > before)
        reader.subscription.focus = []
        await reader.until(lambda: server.counts["frame unsubscribe"] == 1)


async def test_a_stream_that_cannot_be_looked_at_is_gone(server: SmallServer, ada: Client) -> None:
    talk = await ada.create_conversation("ada", name="notes")
    async with Reader(ada) as reader:
        server.world.conversations[talk.id]["members"] = []
        reader.subscription.focus = [f"conv:{talk.id}"]
        await reader.until(lambda: Gone(f"conv:{talk.id}") in reader.changes)


async def test_typing_and_reading_are_said_no_oftener_than_needed(
    server: SmallServer, ada: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signals_module, "READ_SECONDS", 0.3)
    talk = await ada.create_conversation("ada", name="notes")
    for n in range(10):
        await ada.send(talk.id, f"{n}")
    async with (
        ada.subscribe(backoff=QUICK) as changes,
        Signals(ada, over=changes, backoff=QUICK) as signals,
    ):
        signals.stop_typing(talk.id)
        for n in range(10):
            signals.type(talk.id)
            signals.read(talk.id, n + 1)
            await asyncio.sleep(0.01)
        signals.stop_typing(talk.id)
        signals.read(talk.id, 3)
    assert server.typed == [True, False]
    assert server.counts["read"] == 2, "the first, and at the end the last"
    assert server.world.read[(await ada.me()).id, talk.id] == 10


async def test_edits_deletions_and_reactions_arrive_once_over_whatever_is_open(
    server: SmallServer, ada: Client, grace: Client
) -> None:
    talk = await ada.create_conversation("grace")
    async with Reader(ada) as reader:
        outbox = Outbox(ada, over=reader.subscription, backoff=QUICK)
        message = await outbox.send(talk.id, "frist")
        edited = await outbox.edit(message, "first")
        assert (edited.content, edited.version) == ("first", 2)
        assert (await outbox.edit(message, "first")).version == 2, "said again, done once"
        assert (await outbox.react(message, "👍🏽")).my_reactions == ("👍🏽",)
        server.cut()
        assert (await outbox.react(message, "👍🏽", added=False)).reactions == {}
        assert (await outbox.delete(message)).deleted_at is not None
        events = [e["event"] for e in server.world.streams[f"conv:{talk.id}"]]
        assert events == ["message.created", "message.updated"] + ["message.reacted"] * 2 + [
            "message.deleted"
        ]
