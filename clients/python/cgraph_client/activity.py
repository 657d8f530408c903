"""Tells others what the user is doing: typing, and how far they have read."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Any, Self

from cgraph_client.api.api_client import ApiClient
from cgraph_client.core.backoff import Backoff
from cgraph_client.core.errors import ApiError, CGraphError, NotFound, Unreachable
from cgraph_client.models.changes import CONVERSATION_STREAM
from cgraph_client.models.conversations import ReadMarker
from cgraph_client.realtime.connection import RealtimeConnection

TYPING_INTERVAL_SECONDS = 4.0
READ_INTERVAL_SECONDS = 2.0


class ActivityReporter:
    """Sends typing indicators at most every 4 s and the latest read marker at most every 2 s, for
    each conversation. `async with`: the end waits until the last read markers are sent."""

    def __init__(
        self,
        client: ApiClient,
        *,
        connection: RealtimeConnection,
        backoff: Backoff | None = None,
    ) -> None:
        self._client = client
        self._connection = connection
        self._backoff = backoff or Backoff()
        self._typing_sent_at: dict[str, float] = {}
        self._read: dict[str, int] = {}
        self._sent: dict[str, int] = {}
        self._sending = asyncio.Lock()
        self._marking: set[str] = set()
        self._is_closing = asyncio.Event()
        self._tasks = asyncio.TaskGroup()

    async def __aenter__(self) -> Self:
        await self._tasks.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_closing.set()
        try:
            await self._tasks.__aexit__(kind, error, trace)
        except BaseExceptionGroup as failures:
            raise failures.exceptions[0] from failures

    def start_typing(self, conversation_id: str) -> None:
        """To be called at each key. The server accepts it for subscribed streams only."""
        now = asyncio.get_running_loop().time()
        sent_at = self._typing_sent_at.get(conversation_id, -TYPING_INTERVAL_SECONDS)
        if now - sent_at >= TYPING_INTERVAL_SECONDS:
            self._typing_sent_at[conversation_id] = now
            self._send_typing(conversation_id, typing=True)

    def stop_typing(self, conversation_id: str) -> None:
        """To be called when a message is sent, or when the typed text is deleted."""
        if self._typing_sent_at.pop(conversation_id, None) is not None:
            self._send_typing(conversation_id, typing=False)

    def mark_read(self, conversation_id: str, seq: int) -> None:
        """Marks everything up to this number as read; repeats it until the server knows it."""
        if seq > self._read.get(conversation_id, 0):
            self._read[conversation_id] = seq
            if conversation_id not in self._marking:
                self._marking.add(conversation_id)
                self._tasks.create_task(self._send_read_markers(conversation_id))

    async def mark_unread(self, conversation_id: str) -> ReadMarker:
        """Marks the conversation as unread, after the read marker that is still to be sent, which
        would end the mark."""
        async with self._sending:
            await self._send_latest_read_marker(conversation_id)
            return await self._client.mark_unread(conversation_id)

    def _send_typing(self, conversation_id: str, *, typing: bool) -> None:
        data = {"stream": f"{CONVERSATION_STREAM}{conversation_id}", "typing": typing}
        self._tasks.create_task(self._try_to_send("typing", data))

    async def _try_to_send(self, action: str, data: dict[str, Any]) -> None:
        try:
            await self._connection.request(action, data)
        except (Unreachable, ApiError):
            return  # it is true for some seconds only, so a retry is of no use

    async def _send_read_markers(self, conversation_id: str) -> None:
        attempt = 0
        while self._sent.get(conversation_id, 0) < self._read[conversation_id]:
            try:
                async with self._sending:
                    await self._send_latest_read_marker(conversation_id)
            except NotFound:
                break  # the user is no longer a member
            except CGraphError as error:
                if not error.is_transient:
                    raise
                if self._is_closing.is_set():
                    break
                await self._pause(self._backoff.delay(attempt, at_least=error.retry_after))
                attempt += 1
            else:
                attempt = 0
                await self._pause(READ_INTERVAL_SECONDS)
        self._marking.discard(conversation_id)

    async def _send_latest_read_marker(self, conversation_id: str) -> None:
        seq = self._read.get(conversation_id, 0)
        if seq <= self._sent.get(conversation_id, 0):
            return
        if self._connection.is_connected:
            data = {"stream": f"{CONVERSATION_STREAM}{conversation_id}", "seq": seq}
            await self._connection.request("read", data)
        else:
            await self._client.mark_read(conversation_id, seq)
        self._sent[conversation_id] = seq

    async def _pause(self, seconds: float) -> None:
        """Ends early when the reporter closes."""
        try:
            async with asyncio.timeout(seconds):
                await self._is_closing.wait()
        except TimeoutError:
            return
