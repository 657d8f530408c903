"""Reliable writes: each is done once, in the order of the calls."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from cgraph_client.api.api_client import ApiClient
from cgraph_client.api.messages import message_body
from cgraph_client.core.backoff import Backoff
from cgraph_client.core.emoji import to_emoji
from cgraph_client.core.errors import CGraphError
from cgraph_client.core.parsing import JsonObject, parse
from cgraph_client.models.messages import Message, Reactions
from cgraph_client.realtime.connection import RealtimeConnection

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PendingMessage:
    """A message that the server has not acknowledged. Each attempt to send it uses the same nonce,
    so it is written once."""

    nonce: str
    conversation_id: str
    content: str
    reply_to: str | None = None
    attachments: tuple[str, ...] = ()


class Outbox:
    """Retries each write until the server acknowledges it or refuses it for good: over the socket
    of the connection where one is open, else over HTTP. Writes to one conversation go one by one.

    An edit raises Conflict where somebody else has edited the message in the meantime.
    """

    def __init__(
        self,
        client: ApiClient,
        *,
        connection: RealtimeConnection | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        self._client = client
        self._connection = connection
        self._backoff = backoff or Backoff()
        self._pending: dict[str, PendingMessage] = {}
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @property
    def pending(self) -> tuple[PendingMessage, ...]:
        """The messages that are not acknowledged. After a crash, send them again with their
        nonces."""
        return tuple(self._pending.values())

    async def send(
        self,
        conversation_id: str,
        content: str,
        *,
        reply_to: str | None = None,
        nonce: str | None = None,
        attachments: Sequence[str] = (),
    ) -> Message:
        """Returns the message as the server wrote it. Raises ApiError where the server refuses
        it. `attachments`: ids of uploads that are ready."""
        nonce, files = nonce or str(uuid.uuid4()), tuple(attachments)
        self._pending[nonce] = PendingMessage(nonce, conversation_id, content, reply_to, files)
        try:
            return await self._deliver(
                "send",
                message_body(
                    conversation_id, content, nonce=nonce, reply_to=reply_to, attachments=files
                ),
                _parse_message,
                conversation_id=conversation_id,
                send_over_http=lambda: self._client.send(
                    conversation_id, content, nonce=nonce, reply_to=reply_to, attachments=files
                ),
            )
        finally:
            del self._pending[nonce]

    async def edit(self, message: Message, content: str) -> Message:
        return await self._deliver(
            "edit",
            {"message_id": message.id, "version": message.version, "content": content},
            _parse_message,
            conversation_id=message.conversation_id,
            send_over_http=lambda: self._client.edit(message.id, content, version=message.version),
        )

    async def delete(self, message: Message) -> Message:
        return await self._deliver(
            "delete",
            {"message_id": message.id},
            _parse_message,
            conversation_id=message.conversation_id,
            send_over_http=lambda: self._client.delete(message.id),
        )

    async def react(self, message: Message, emoji: str, *, added: bool = True) -> Reactions:
        """Adds a reaction; with `added=False` removes it. `emoji`: in any of its forms, or its
        short name (`:thumbsup:`)."""
        emoji = to_emoji(emoji)
        over_http = self._client.react if added else self._client.unreact
        return await self._deliver(
            "react",
            {"message_id": message.id, "emoji": emoji, "added": added},
            Reactions.from_json,
            conversation_id=message.conversation_id,
            send_over_http=lambda: over_http(message.id, emoji),
        )

    async def _deliver(
        self,
        action: str,
        data: Mapping[str, Any],
        parser: Callable[[JsonObject], T],
        *,
        conversation_id: str,
        send_over_http: Callable[[], Awaitable[T]],
    ) -> T:
        """Tries the socket and HTTP in turn until one of them answers."""
        lock = self._locks.setdefault(conversation_id, asyncio.Lock())
        async with lock:
            attempt = 0
            while True:
                connection = self._connection if attempt % 2 == 0 else None
                try:
                    if connection is not None and connection.is_connected:
                        return parse(parser, await connection.request(action, data))
                    return await send_over_http()
                except CGraphError as error:
                    if not error.is_transient:
                        raise
                    delay = self._backoff.delay(attempt, at_least=error.retry_after)
                await asyncio.sleep(delay)
                attempt += 1


def _parse_message(document: JsonObject) -> Message:
    return parse(Message.from_json, document["message"])
