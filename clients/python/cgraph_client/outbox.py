"""Messages that must arrive: each is written once, in the order it was given."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from cgraph_client.api.messages import new_draft
from cgraph_client.backoff import Backoff
from cgraph_client.errors import CGraphError
from cgraph_client.models import Message
from cgraph_client.reading import read

if TYPE_CHECKING:
    from cgraph_client.api import Client
    from cgraph_client.subscription import Subscription


@dataclass(frozen=True, slots=True)
class Draft:
    """A message on its way. The nonce is made once: whoever repeats it repeats nothing."""

    nonce: str
    conversation_id: str
    content: str
    reply_to: str | None = None


class Outbox:
    """Tries until a message is acknowledged or refused for good: over the socket of the
    subscription when one is open, else over HTTP. A conversation's messages go one by one."""

    def __init__(
        self,
        client: Client,
        *,
        over: Subscription | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        self._client = client
        self._subscription = over
        self._backoff = backoff or Backoff()
        self._pending: dict[str, Draft] = {}
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @property
    def pending(self) -> tuple[Draft, ...]:
        """What is not acknowledged yet. After a crash, send it again with its nonces."""
        return tuple(self._pending.values())

    async def send(
        self,
        conversation_id: str,
        content: str,
        *,
        reply_to: str | None = None,
        nonce: str | None = None,
    ) -> Message:
        """The message as the server wrote it; an `ApiError` when it refuses."""
        draft = Draft(nonce or str(uuid.uuid4()), conversation_id, content, reply_to)
        turn = self._turns.setdefault(conversation_id, asyncio.Lock())
        self._pending[draft.nonce] = draft
        try:
            async with turn:
                return await self._deliver(draft)
        finally:
            del self._pending[draft.nonce]

    async def _deliver(self, draft: Draft) -> Message:
        attempt = 0
        while True:
            try:
                return await self._try(draft, by_socket=attempt % 2 == 0)
            except CGraphError as error:
                if not error.is_passing:
                    raise
                pause = self._backoff.delay(attempt, at_least=error.retry_after)
            await asyncio.sleep(pause)
            attempt += 1

    async def _try(self, draft: Draft, *, by_socket: bool) -> Message:
        subscription = self._subscription
        if subscription is None or not by_socket or not subscription.is_connected:
            return await self._client.send(
                draft.conversation_id, draft.content, nonce=draft.nonce, reply_to=draft.reply_to
            )
        body = new_draft(
            draft.conversation_id, draft.content, nonce=draft.nonce, reply_to=draft.reply_to
        )
        answer = await subscription.ask("send", body)
        return read(Message.read, answer["message"])
