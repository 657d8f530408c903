"""What the user has sent: pending until it has arrived and is on the screen."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from cgraph_client.core.errors import ApiError
from cgraph_client.models.messages import Message
from cgraph_client.outbox import Outbox
from cgraph_client.terminal.formatting import sanitize
from cgraph_client.terminal.screens.screen import Screen

SHOWN_TIMEOUT_SECONDS = 5.0


class SendQueue:
    """`will_be_shown`: whether the event of a message that has arrived is still to come."""

    def __init__(
        self, outbox: Outbox, *, screen: Screen, will_be_shown: Callable[[Message], bool]
    ) -> None:
        self.outbox = outbox
        self._screen = screen
        self._will_be_shown = will_be_shown
        self._open_id: str | None = None
        # Conversation and content: by nonce until the message has arrived, then by its id.
        self._pending: dict[str, tuple[str, str]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def is_empty(self) -> bool:
        return not self._pending and not self._tasks

    def switch_to(self, conversation_id: str | None) -> None:
        self._open_id = conversation_id
        self._refresh()

    def send(self, conversation_id: str, content: str, *, reply_to: str | None = None) -> None:
        """Sends a message in the background, in the order of the calls."""
        nonce = str(uuid.uuid4())
        self._pending[nonce] = (conversation_id, content)
        self._refresh()
        self._start(self._send(conversation_id, content, nonce=nonce, reply_to=reply_to))

    def do(self, write: Awaitable[object], *, participle: str) -> None:
        """Does another write of the outbox in the background. `participle` describes it where it is
        refused, as in "Not edited". Its event shows that it is done."""
        self._start(self._do(write, participle=participle))

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Does something longer in the background, which reports its own errors: the chat does not
        end before it is done."""
        self._start(work)

    def mark_shown(self, message: Message) -> None:
        self._pending.pop(message.id, None)
        self._refresh()

    async def wait_until_shown(self) -> None:
        """Waits, at most 5 s, until all messages are on the screen."""
        try:
            async with asyncio.timeout(SHOWN_TIMEOUT_SECONDS):
                while self._pending:
                    await asyncio.sleep(0.02)
        except TimeoutError:
            return

    async def finish(self, *, within: float) -> list[str]:
        """Waits until everything has arrived and is on the screen. Returns the contents of the
        messages that have not arrived in `within` seconds."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=within)
        unfinished = list(self._tasks)
        for task in unfinished:
            task.cancel()
        if unfinished:
            return [content for _, content in self._pending.values()] or ["the last change"]
        await self.wait_until_shown()
        if self._pending:
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
            self._screen.show(f"Not sent: {error.message} ({error.code}): {sanitize(content)}")
            del self._pending[nonce]
        else:
            entry = self._pending.pop(nonce)
            if self._will_be_shown(message):
                self._pending[message.id] = entry
        self._refresh()

    async def _do(self, write: Awaitable[object], *, participle: str) -> None:
        try:
            await write
        except ApiError as error:
            self._screen.show(f"Not {participle}: {error.message} ({error.code})")

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _refresh(self) -> None:
        contents = [content for id, content in self._pending.values() if id == self._open_id]
        self._screen.set_pending(contents)
