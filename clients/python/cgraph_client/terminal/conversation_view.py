"""The conversation that is open."""

from __future__ import annotations

import asyncio

from cgraph_client.activity import ActivityReporter
from cgraph_client.client import Client
from cgraph_client.models.changes import CONVERSATION_STREAM
from cgraph_client.models.messages import Message
from cgraph_client.outbox import Outbox
from cgraph_client.realtime.connection import RealtimeConnection
from cgraph_client.state.timeline import Timeline
from cgraph_client.terminal.formatting import sanitize
from cgraph_client.terminal.inbox import Inbox
from cgraph_client.terminal.screens.screen import Screen
from cgraph_client.terminal.send_queue import SendQueue
from cgraph_client.terminal.status_line import StatusLine

HISTORY_LIMIT = 20


class ConversationView:
    """`open_id`: the id of the conversation, None where none is open. `lock` is held while the
    history of a conversation loads, so that events are shown after it."""

    def __init__(
        self, client: Client, *, connection: RealtimeConnection, inbox: Inbox, screen: Screen
    ) -> None:
        self.open_id: str | None = None
        self.lock = asyncio.Lock()
        self.inbox = inbox
        self.send_queue = SendQueue(
            Outbox(client, connection=connection),
            screen=screen,
            will_be_shown=self._will_be_shown,
        )
        self.status_line = StatusLine(inbox, screen=screen)
        self.activity = ActivityReporter(client, connection=connection)
        self._client = client
        self._connection = connection
        self._screen = screen
        self._last_shown = 0  # the highest message number on the screen
        screen.on_typing = self._report_typing

    async def open(self, conversation_id: str, *, limit: int = HISTORY_LIMIT) -> None:
        """Shows the latest messages, and from then on each new one."""
        async with self.lock:
            conversation = await self._client.conversation(conversation_id)
            messages = await self._client.history(
                conversation.id, before=conversation.head + 1, limit=limit
            )
            self.inbox.put(Timeline.load(conversation, me=self.inbox.me.id, messages=messages))
            self.switch_to(conversation.id)
            self.show_all(messages)

    async def create(self, *usernames: str) -> None:
        conversation = await self._client.create_conversation(*usernames)
        await self.open(conversation.id)

    def send(self, content: str, *, reply_to: str | None = None) -> None:
        assert self.open_id is not None, "a conversation must be open"
        self.activity.stop_typing(self.open_id)
        self.send_queue.send(self.open_id, content, reply_to=reply_to)

    async def find_message(self, seq: int) -> Message | None:
        """Returns the message with this number in the open conversation."""
        assert self.open_id is not None, "a conversation must be open"
        loaded = self.inbox.timeline(self.open_id).messages.values()
        found = next((message for message in loaded if message.seq == seq), None)
        if found is not None:
            return found
        page = await self._client.history(self.open_id, before=seq + 1, limit=1)
        return next((message for message in page if message.seq == seq), None)

    def last_own_message(self) -> Message | None:
        """Returns the last message of the user in the open conversation, among the loaded ones."""
        assert self.open_id is not None, "a conversation must be open"
        loaded = reversed(self.inbox.timeline(self.open_id).messages.values())
        own = (message for message in loaded if message.author_id == self.inbox.me.id)
        return next((message for message in own if message.deleted_at is None), None)

    def switch_to(self, conversation_id: str | None) -> None:
        self.open_id, self._last_shown = conversation_id, 0
        self.refresh_prompt()
        streams = [] if conversation_id is None else [f"{CONVERSATION_STREAM}{conversation_id}"]
        self._connection.subscribed_streams = streams
        self.status_line.switch_to(conversation_id)
        self.send_queue.switch_to(conversation_id)

    def refresh_prompt(self) -> None:
        title = "" if self.open_id is None else sanitize(self.inbox.title(self.open_id))
        self._screen.set_prompt(title)

    def show(self, message: Message) -> None:
        """Shows a message of the open conversation, unless it has been shown."""
        if message.seq > self._last_shown:
            self._last_shown = message.seq
            formatter = self._screen.formatter
            self._screen.show(formatter.message(message, username_of=self.inbox.username_of))
            self.send_queue.mark_shown(message)

    def show_all(self, messages: tuple[Message, ...]) -> None:
        """Shows the messages of the open conversation and marks them as read."""
        assert self.open_id is not None, "a conversation must be open"
        for message in messages:
            self.show(message)
        self.activity.mark_read(self.open_id, self._last_shown)

    def _will_be_shown(self, message: Message) -> bool:
        return message.conversation_id == self.open_id and message.seq > self._last_shown

    def _report_typing(self, text: str) -> None:
        if self.open_id is not None:
            is_command = text.startswith("/") and not text.startswith("//")
            if text and not is_command:
                self.activity.start_typing(self.open_id)
            else:
                self.activity.stop_typing(self.open_id)
