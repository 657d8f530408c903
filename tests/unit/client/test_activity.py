"""Typing indicators and read markers."""

from __future__ import annotations

import asyncio

import pytest

from cgraph_client import (
    ActivityReporter,
    Client,
    activity,
)
from tests.unit.client.conftest import QUICK
from tests.unit.client.fake_server.server import FakeServer


async def test_typing_and_read_markers_are_sent_no_more_often_than_needed(
    server: FakeServer, ada: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activity, "READ_INTERVAL_SECONDS", 0.3)
    conversation = await ada.create_conversation("ada", name="notes")
    for n in range(10):
        await ada.send(conversation.id, f"{n}")
    async with (
        ada.connect(backoff=QUICK) as connection,
        ActivityReporter(ada, connection=connection, backoff=QUICK) as reporter,
    ):
        reporter.stop_typing(conversation.id)
        for n in range(10):
            reporter.start_typing(conversation.id)
            reporter.mark_read(conversation.id, n + 1)
            await asyncio.sleep(0.01)
        reporter.stop_typing(conversation.id)
        reporter.mark_read(conversation.id, 3)
    assert server.typing == [True, False]
    assert server.counts["read"] == 2, "the first, and at the end the last"
    assert server.state.read[(await ada.me()).id, conversation.id] == 10
