"""What one said and did: on its way until it has arrived and is on the screen."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from cgraph_client.errors import ApiError
from cgraph_client.models import Message
from cgraph_client.outbox import Outbox
from cgraph_client.terminal.paint import harmless
from cgraph_client.terminal.screen import Screen

SEEN_SECONDS = 5.0


class Speech:
    """`is_awaited`: whether a message that has arrived will yet be shown."""

    def __init__(
        self, outbox: Outbox, *, screen: Screen, is_awaited: Callable[[Message], bool]
    ) -> None:
        self.outbox = outbox
        self._screen = screen
        self._is_awaited = is_awaited
        self._open_id: str | None = None
        self._underway: dict[str, tuple[str, str]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def is_over(self) -> bool:
        return not self._underway and not self._tasks

    def turn_to(self, conversation_id: str | None) -> None:
        self._open_id = conversation_id
        self._show()

    def say(self, conversation_id: str, content: str, *, reply_to: str | None = None) -> None:
        """Sets it on its way, in the order of the calls."""
        nonce = str(uuid.uuid4())
        self._underway[nonce] = (conversation_id, content)
        self._show()
        self._start(self._send(conversation_id, content, nonce=nonce, reply_to=reply_to))

    def undertake(self, work: Awaitable[object], *, what: str) -> None:
        """What is tried until it is done or refused; its event shows that it is."""
        self._start(self._do(work, what=what))

    def was_shown(self, message: Message) -> None:
        self._underway.pop(message.id, None)
        self._show()

    async def settle(self) -> None:
        """Waits, for a moment, until what was said is on the screen and can be spoken of."""
        try:
            async with asyncio.timeout(SEEN_SECONDS):
                while self._underway:
                    await asyncio.sleep(0.02)
        except TimeoutError:
            return

    async def finish(self, seconds: float) -> list[str]:
        """Waits until all has arrived and was shown; what did not arrive in time."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)
        lost = list(self._tasks)
        for task in lost:
            task.cancel()
        if lost:
            return [content for _, content in self._underway.values()] or ["the last change"]
        await self.settle()
        if self._underway:
            self._screen.show("The last messages have arrived, but their events have not.")
        return []

    async def _send(
        self, conversation_id: str, content: str, *, nonce: str, reply_to: str | None
    ) -> None:
        try:
            message = await self.outbox.send(
                conversation_id, content, nonce=nonce, reply_to=reply_to
            )
        except ApiError as error:
            self._screen.show(f"Not sent: {error.message} ({error.code}): {harmless(content)}")
            del self._underway[nonce]
        else:
            said = self._underway.pop(nonce)
            if self._is_awaited(message):
                self._underway[message.id] = said
        self._show()

    async def _do(self, work: Awaitable[object], *, what: str) -> None:
        try:
            await work
        except ApiError as error:
            self._screen.show(f"Not {what}: {error.message} ({error.code})")

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _show(self) -> None:
        here = [said for talk_id, said in self._underway.values() if talk_id == self._open_id]
        self._screen.set_pending(here)
