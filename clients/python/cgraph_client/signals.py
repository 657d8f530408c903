"""What others see of one without a word: that one is typing, and how far one has read."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from cgraph_client.backoff import Backoff
from cgraph_client.errors import ApiError, CGraphError, NotFound, Unreachable

if TYPE_CHECKING:
    from cgraph_client.api import Client
    from cgraph_client.subscription import Subscription

TYPING_SECONDS = 4.0
READ_SECONDS = 2.0


class Signals:
    """Said as often as others need it and not more: typing every 4 s, the latest number read every
    2 s. As `async with`: at the end, what is read and not yet told is told."""

    def __init__(
        self, client: Client, *, over: Subscription, backoff: Backoff | None = None
    ) -> None:
        self._client = client
        self._subscription = over
        self._backoff = backoff or Backoff()
        self._typing: dict[str, float] = {}
        self._read: dict[str, int] = {}
        self._marking: set[str] = set()
        self._ending = asyncio.Event()
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
        self._ending.set()
        try:
            await self._tasks.__aexit__(kind, error, trace)
        except BaseExceptionGroup as failures:
            raise failures.exceptions[0] from failures

    def type(self, conversation_id: str) -> None:
        """At each key; only a stream in focus may be typed in."""
        now = asyncio.get_running_loop().time()
        if now - self._typing.get(conversation_id, -TYPING_SECONDS) >= TYPING_SECONDS:
            self._typing[conversation_id] = now
            self._say_typing(conversation_id, typing=True)

    def stop_typing(self, conversation_id: str) -> None:
        """When a message is sent, or what was typed is taken back."""
        if self._typing.pop(conversation_id, None) is not None:
            self._say_typing(conversation_id, typing=False)

    def read(self, conversation_id: str, seq: int) -> None:
        """Everything up to this number; told until the server knows it."""
        if seq > self._read.get(conversation_id, 0):
            self._read[conversation_id] = seq
            if conversation_id not in self._marking:
                self._marking.add(conversation_id)
                self._tasks.create_task(self._mark(conversation_id))

    def _say_typing(self, conversation_id: str, *, typing: bool) -> None:
        data = {"stream": f"conv:{conversation_id}", "typing": typing}
        self._tasks.create_task(self._say("typing", data))

    async def _say(self, action: str, data: dict[str, Any]) -> None:
        try:
            await self._subscription.ask(action, data)
        except (Unreachable, ApiError):
            return  # true for seconds only: nobody needs to hear it later

    async def _mark(self, conversation_id: str) -> None:
        told = attempt = 0
        while told < (seq := self._read[conversation_id]):
            try:
                await self._mark_once(conversation_id, seq)
            except NotFound:
                break  # one is no longer in it
            except CGraphError as error:
                if not error.is_passing:
                    raise
                if self._ending.is_set():
                    break
                await self._pause(self._backoff.delay(attempt, at_least=error.retry_after))
                attempt += 1
            else:
                told, attempt = seq, 0
                await self._pause(READ_SECONDS)
        self._marking.discard(conversation_id)

    async def _mark_once(self, conversation_id: str, seq: int) -> None:
        if self._subscription.is_connected:
            await self._subscription.ask("read", {"stream": f"conv:{conversation_id}", "seq": seq})
        else:
            await self._client.mark_read(conversation_id, seq)

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._ending.wait()
        except TimeoutError:
            return
