"""How sockets end, and when the next one opens."""

from __future__ import annotations

import asyncio
import time

import pytest

from cgraph_client import (
    Client,
    ConnectionState,
    Unauthenticated,
)
from cgraph_client.realtime import connection_manager, socket
from tests.unit.client.change_recorder import ChangeRecorder
from tests.unit.client.conftest import QUICK
from tests.unit.client.fake_server.server import FakeServer


async def test_on_a_reconnect_frame_the_new_socket_opens_before_the_old_one_closes(
    server: FakeServer, ada: Client, grace: Client
) -> None:
    conversation = await ada.create_conversation("grace")
    async with ChangeRecorder(grace) as recorder:
        old = server.counts["sockets"]
        data = {"reason": "max_age", "within_ms": 60_000, "jitter_ms": 100}
        await server.broadcast({"type": "reconnect", "data": data})
        async with asyncio.timeout(5):
            while server.counts["sockets"] == old or server.open_sockets > 1:
                await ada.send(conversation.id, "still here")
        await recorder.until(
            lambda: len(recorder.messages) == len(server.state.history(conversation.id))
        )
    assert server.most_open_sockets == 2
    assert recorder.states == [ConnectionState.CONNECTED, ConnectionState.CLOSED]


async def test_a_socket_near_the_end_of_its_lifetime_is_replaced_without_a_reconnect_frame(
    server: FakeServer, ada: Client
) -> None:
    server.faults.socket_seconds = 0.5
    async with ChangeRecorder(ada) as recorder:
        server.faults.socket_seconds = 7_200
        await recorder.until(lambda: server.most_open_sockets == 2)
        await recorder.until(lambda: server.open_sockets == 1)
    assert server.counts["sockets"] == 2
    assert recorder.states == [ConnectionState.CONNECTED, ConnectionState.CLOSED]


async def test_a_socket_that_the_server_no_longer_knows_is_replaced(
    server: FakeServer, ada: Client
) -> None:
    server.faults.heartbeat_ms = 100
    async with ChangeRecorder(ada) as recorder:
        server.faults.unknown_sockets = True
        await recorder.until(lambda: ConnectionState.RECONNECTING in recorder.states)
        assert "no longer knows this socket" in recorder.connection.last_error
        server.faults.unknown_sockets = False
        await recorder.until(lambda: recorder.states[-1] is ConnectionState.CONNECTED)


async def test_a_socket_that_answers_no_ping_is_replaced(
    server: FakeServer, ada: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "ANSWER_TIMEOUT_SECONDS", 0.2)
    server.faults.heartbeat_ms = 100
    async with ChangeRecorder(ada) as recorder:
        server.faults.silent_sockets = True
        await recorder.until(lambda: ConnectionState.RECONNECTING in recorder.states)
        assert "no answer to ping" in recorder.connection.last_error
        server.faults.silent_sockets = False
        await recorder.until(lambda: recorder.states[-1] is ConnectionState.CONNECTED)


async def test_clients_spread_their_reconnects_in_a_storm_and_reconnect_at_once_otherwise(
    server: FakeServer, ada: Client, monkeypatch: pytest.MonkeyPatch, stable_sockets: None
) -> None:
    waited: list[float] = []

    def remember(seconds: float) -> float:
        waited.append(seconds)
        return 0.0

    monkeypatch.setattr(connection_manager, "jitter", remember)
    server.faults.storm_jitter_ms = 6_000
    async with ChangeRecorder(ada) as recorder:
        waited.clear()
        server.faults.storm_jitter_ms = 1_500
        server.cut()
        await recorder.until(lambda: server.counts["sockets"] >= 2)
        assert waited[0] == 6.0
        await recorder.until(lambda: recorder.states[-1] is ConnectionState.CONNECTED)
        waited.clear()
        server.cut()
        await recorder.until(lambda: server.counts["sockets"] >= 3)
        assert 1.5 not in waited


async def test_changes_arrive_over_http_while_no_socket_can_be_opened(
    server: FakeServer, ada: Client, grace: Client
) -> None:
    conversation = await ada.create_conversation("grace")
    async with ChangeRecorder(grace) as recorder:
        server.faults.refused_sockets = True
        server.cut(1.0)
        await recorder.until(lambda: ConnectionState.RECONNECTING in recorder.states)
        for n in range(3):
            await ada.send(conversation.id, f"message {n}")
        await recorder.until(lambda: len(recorder.messages) == 3)
        assert recorder.states[-1] is ConnectionState.RECONNECTING
        server.faults.refused_sockets = False
        await recorder.until(lambda: recorder.states[-1] is ConnectionState.CONNECTED)
    assert recorder.contents == [f"message {n}" for n in range(3)]


async def test_a_revoked_session_ends_the_connection_with_an_error(
    server: FakeServer, ada: Client
) -> None:
    async with ada.connect(backoff=QUICK) as connection:
        await server.broadcast({"type": "closing", "data": {"reason": "session_revoked"}})
        with pytest.raises(Unauthenticated, match="session_revoked"):
            async for _ in connection:
                pass
    assert server.counts["sockets"] == 1


async def test_a_rate_limited_client_waits_before_it_reconnects(
    server: FakeServer, ada: Client
) -> None:
    async with ChangeRecorder(ada) as recorder:
        began = time.monotonic()
        data = {"reason": "rate_limited", "retry_after_ms": 300}
        await server.broadcast({"type": "closing", "data": data})
        await recorder.until(lambda: server.counts["sockets"] >= 2)
        assert time.monotonic() - began > 0.3
        assert ConnectionState.RECONNECTING not in recorder.states, (
            "the old socket was left to the server"
        )


async def test_a_request_that_is_cancelled_while_its_answer_arrives_is_cancelled(
    server: FakeServer, ada: Client
) -> None:
    """Otherwise a connection that is closed while it says hello would stay open for ever."""

    def cancel(_: object) -> None:
        greeting.cancel()

    opened = await socket.open_socket((await ada.ticket()).url, on_frame=cancel)
    greeting = asyncio.create_task(opened.hello({}))
    try:
        with pytest.raises(asyncio.CancelledError):
            await greeting
    finally:
        await opened.close()
    assert server.counts["frame hello"] == 1
