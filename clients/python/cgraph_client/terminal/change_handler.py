"""Applies the changes of all conversations and shows them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from cgraph_client.client import Client
from cgraph_client.core.errors import CGraphError, NotFound
from cgraph_client.core.parsing import parse
from cgraph_client.models.changes import (
    CONVERSATION_STREAM,
    Change,
    Event,
    Snapshot,
    StreamRemoved,
)
from cgraph_client.models.conversations import Conversation
from cgraph_client.models.messages import Message
from cgraph_client.models.notifications import Badge, Notification
from cgraph_client.realtime.connection import RealtimeConnection
from cgraph_client.terminal.conversation_view import ConversationView
from cgraph_client.terminal.event_text import describe_event
from cgraph_client.terminal.formatting import sanitize, truncate
from cgraph_client.terminal.notification_text import describe_notification
from cgraph_client.terminal.screens.screen import Screen

MAX_LOADED_MESSAGES = 500
"""Of one conversation."""

RETRY_SECONDS = 1.0


class ChangeHandler:
    def __init__(
        self,
        client: Client,
        *,
        connection: RealtimeConnection,
        view: ConversationView,
        screen: Screen,
    ) -> None:
        self._client = client
        self._connection = connection
        self._view = view
        self._inbox = view.inbox
        self._screen = screen

    async def load_conversations(self) -> None:
        self._inbox.load((await self._client.conversations()).items)
        self._view.status_line.set_badge(await self._client.notifications.badge())

    async def run(self) -> None:
        """Runs until the connection ends."""
        async for change in self._connection:
            async with self._view.lock:
                await self._apply(change)
                if isinstance(change, Event) and "badge" in change.data:
                    self._show_notification(change, parse(Badge.from_json, change.data["badge"]))
                self._view.status_line.apply(change)

    async def _apply(self, change: Change) -> None:
        match change:
            case Event(event="conversation.joined", data={"conversation": {"id": joined}}):
                is_new = joined not in self._inbox
                self._inbox.apply(change)
                if is_new:
                    self._show_joined(self._inbox.conversation(joined))
            case Event(seq=int(), stream=stream) if stream.startswith(CONVERSATION_STREAM):
                is_loaded = stream.removeprefix(CONVERSATION_STREAM) in self._inbox
                if self._inbox.apply(change) or (not is_loaded and await self._load(change)):
                    self._show_event(change)
            case Event(event="conversation.left"):
                return  # the removal of its stream follows
            case StreamRemoved():
                self._show_removed(change)
            case Snapshot():
                self._inbox.apply(change)
                await self._show_snapshot(change)
            case _:
                self._inbox.apply(change)

    async def _load(self, event: Event) -> bool:
        """Loads a conversation that was not in the list. Returns False where the user has no
        access to it."""
        conversation = await self._fetch(event.stream.removeprefix(CONVERSATION_STREAM))
        if conversation is not None:
            self._inbox.load([conversation])
        return conversation is not None

    async def _fetch(self, conversation_id: str) -> Conversation | None:
        while True:
            try:
                return await self._client.conversation(conversation_id)
            except NotFound:
                return None
            except CGraphError as error:
                if not error.is_transient:
                    raise
                await asyncio.sleep(error.retry_after or RETRY_SECONDS)

    def _show_event(self, event: Event) -> None:
        conversation_id = event.stream.removeprefix(CONVERSATION_STREAM)
        timeline = self._inbox.timeline(conversation_id)
        timeline.trim(MAX_LOADED_MESSAGES)
        message = event.message if event.event == "message.created" else None
        if conversation_id != self._view.open_id:
            if message is not None:
                self._show_elsewhere(message)
        elif message is not None:
            self._view.show(timeline.messages.get(message.id, message))
            self._view.activity.mark_read(conversation_id, message.seq)
        else:
            self._show_description(event)

    def _show_description(self, event: Event) -> None:
        text = describe_event(event, inbox=self._inbox, formatter=self._screen.formatter)
        if text is not None:
            self._screen.show(text)
        if event.event == "conversation.updated":
            self._view.refresh_prompt()

    def _show_elsewhere(self, message: Message) -> None:
        """A message of another conversation, in one line; where that is muted, only if it mentions
        the user."""
        conversation, me = self._inbox.conversation(message.conversation_id), self._inbox.me.id
        is_quiet = conversation.is_muted(datetime.now(UTC)) and me not in message.mentions
        if message.author_id != me and not is_quiet:
            title = sanitize(self._inbox.title(conversation.id))
            content = truncate(message.content, width=50)
            self._show_dim(f"({title}: {content})")

    async def _show_snapshot(self, snapshot: Snapshot) -> None:
        if snapshot.conversation is None:
            await self.load_conversations()  # it is of the user's own stream
        elif snapshot.conversation.id == self._view.open_id:
            self._view.show_all(snapshot.messages)

    def _show_joined(self, conversation: Conversation) -> None:
        if conversation.created_by != self._inbox.me.id and conversation.id != self._view.open_id:
            self._show_dim(f"({sanitize(self._inbox.title(conversation.id))}: a new conversation)")

    def _show_removed(self, removed: StreamRemoved) -> None:
        conversation_id = removed.stream.removeprefix(CONVERSATION_STREAM)
        if conversation_id in self._inbox:
            title = sanitize(self._inbox.title(conversation_id))
            self._inbox.apply(removed)
            self._screen.show(f"({title}: you are no longer in this conversation)")
        if conversation_id == self._view.open_id:
            self._view.switch_to(None)

    def _show_notification(self, event: Event, badge: Badge) -> None:
        """Rings for what is new and not shown on the screen anyway."""
        self._view.status_line.set_badge(badge)
        document = event.data.get("notification")
        if document is None:
            return
        notification = parse(Notification.from_json, document)
        place = notification.place
        is_shown = place is not None and place.id == self._view.open_id
        if notification.rings and not is_shown and not notification.seen:
            self._screen.ring()
            if place is None or place.kind != "conversation":  # messages are shown already
                self._show_dim(f"({describe_notification(notification)})")

    def _show_dim(self, text: str) -> None:
        self._screen.show(self._screen.formatter.dim(text))
