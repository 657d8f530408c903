"""What must arrive: each is done once, in the order it was given."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakValueDictionary

from cgraph_client.api.messages import new_draft
from cgraph_client.backoff import Backoff
from cgraph_client.errors import CGraphError
from cgraph_client.models import Message, Reactions
from cgraph_client.reading import Document, read

if TYPE_CHECKING:
    from cgraph_client.api import Client
    from cgraph_client.subscription import Subscription

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Draft:
    """A message on its way. The nonce is made once: whoever repeats it repeats nothing."""

    nonce: str
    conversation_id: str
    content: str
    reply_to: str | None = None


class Outbox:
    """Tries until what is to be done is acknowledged or refused for good: over the socket of the
    subscription when one is open, else over HTTP. A conversation's things go one by one.

    An edit that somebody else's was quicker than is a `Conflict`.
    """

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
        nonce = nonce or str(uuid.uuid4())
        self._pending[nonce] = Draft(nonce, conversation_id, content, reply_to)
        try:
            return await self._deliver(
                "send",
                new_draft(conversation_id, content, nonce=nonce, reply_to=reply_to),
                _read_message,
                turn=conversation_id,
                or_else=lambda: self._client.send(
                    conversation_id, content, nonce=nonce, reply_to=reply_to
                ),
            )
        finally:
            del self._pending[nonce]

    async def edit(self, message: Message, content: str) -> Message:
        return await self._deliver(
            "edit",
            {"message_id": message.id, "version": message.version, "content": content},
            _read_message,
            turn=message.conversation_id,
            or_else=lambda: self._client.edit(message.id, content, version=message.version),
        )

    async def delete(self, message: Message) -> Message:
        return await self._deliver(
            "delete",
            {"message_id": message.id},
            _read_message,
            turn=message.conversation_id,
            or_else=lambda: self._client.delete(message.id),
        )

    async def react(self, message: Message, emoji: str, *, added: bool = True) -> Reactions:
        """`added=False` takes it back."""
        by_http = self._client.react if added else self._client.unreact
        return await self._deliver(
            "react",
            {"message_id": message.id, "emoji": emoji, "added": added},
            Reactions.read,
            turn=message.conversation_id,
            or_else=lambda: by_http(message.id, emoji),
        )

    async def _deliver(
        self,
        action: str,
        data: Mapping[str, Any],
        answer: Callable[[Document], T],
        *,
        turn: str,
        or_else: Callable[[], Awaitable[T]],
    ) -> T:
        """By frame and by HTTP in turn, until one is answered."""
        lock = self._turns.setdefault(turn, asyncio.Lock())
        async with lock:
            attempt = 0
            while True:
                socket = self._subscription if attempt % 2 == 0 else None
                try:
                    if socket is not None and socket.is_connected:
                        return read(answer, await socket.ask(action, data))
                    return await or_else()
                except CGraphError as error:
                    if not error.is_passing:
                        raise
                    pause = self._backoff.delay(attempt, at_least=error.retry_after)
                await asyncio.sleep(pause)
                attempt += 1


def _read_message(document: Document) -> Message:
    return read(Message.read, document["message"])
