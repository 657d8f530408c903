"""The conversation that is open, and what comes in from all of them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from cgraph_client.api import Client
from cgraph_client.changes import Change, Event, Gone, Snapshot
from cgraph_client.errors import CGraphError, NotFound
from cgraph_client.models import Conversation, Message
from cgraph_client.outbox import Outbox
from cgraph_client.signals import Signals
from cgraph_client.subscription import Subscription
from cgraph_client.terminal.aside import Aside
from cgraph_client.terminal.inbox import Inbox
from cgraph_client.terminal.notices import notice
from cgraph_client.terminal.paint import harmless, shortened
from cgraph_client.terminal.screen import Screen
from cgraph_client.terminal.speech import Speech
from cgraph_client.timeline import Timeline

HISTORY = 20
KEPT = 500  # messages of a conversation
AGAIN_SECONDS = 1.0


class Room:
    def __init__(
        self, client: Client, *, changes: Subscription, inbox: Inbox, screen: Screen
    ) -> None:
        self.open_id: str | None = None
        self.inbox = inbox
        self.speech = Speech(
            Outbox(client, over=changes), screen=screen, is_awaited=self._is_awaited
        )
        self.aside = Aside(inbox, screen=screen)
        self.signals = Signals(client, over=changes)
        self._client = client
        self._changes = changes
        self._screen = screen
        self._shown = 0  # the highest number on the screen
        self._turn = asyncio.Lock()  # an event that comes while a history loads is shown after it
        screen.on_typing = self._take_keys

    # what one does

    async def load(self) -> None:
        self.inbox.begin((await self._client.conversations()).items)

    async def open(self, conversation_id: str, *, history: int = HISTORY) -> None:
        """Shows the latest messages, and from then on each new one."""
        async with self._turn:
            talk = await self._client.conversation(conversation_id)
            messages = await self._client.history(talk.id, before=talk.head + 1, limit=history)
            self.inbox.put(Timeline.begin(talk, me=self.inbox.me.id, messages=messages))
            self._enter(talk.id)
            for message in messages:
                self._show(message)
            self.signals.read(talk.id, self._shown)

    async def start(self, *usernames: str) -> None:
        conversation = await self._client.create_conversation(*usernames)
        await self.open(conversation.id)

    def say(self, content: str, *, reply_to: str | None = None) -> None:
        assert self.open_id is not None, "only an open conversation is spoken to"
        self.signals.stop_typing(self.open_id)
        self.speech.say(self.open_id, content, reply_to=reply_to)

    async def message(self, number: int) -> Message | None:
        """The one with this number in the conversation that is open."""
        assert self.open_id is not None, "only an open conversation has numbers"
        known = self.inbox.timeline(self.open_id).messages.values()
        found = next((message for message in known if message.seq == number), None)
        if found is not None:
            return found
        before = await self._client.history(self.open_id, before=number + 1, limit=1)
        return next((message for message in before if message.seq == number), None)

    def own_last(self) -> Message | None:
        """What one said last in the conversation that is open, as far as it is known."""
        assert self.open_id is not None, "only an open conversation has messages"
        known = reversed(self.inbox.timeline(self.open_id).messages.values())
        mine = (message for message in known if message.author_id == self.inbox.me.id)
        return next((message for message in mine if message.deleted_at is None), None)

    # what comes in

    async def follow(self) -> None:
        async for change in self._changes:
            async with self._turn:
                await self._take(change)
                self.aside.take(change)

    async def _take(self, change: Change) -> None:
        match change:
            case Event(event="conversation.joined", data={"conversation": {"id": joined}}):
                is_new = joined not in self.inbox
                self.inbox.apply(change)
                if is_new:
                    self._take_joined(self.inbox.talk(joined))
            case Event(seq=int(), stream=stream) if stream.startswith("conv:"):
                is_known = stream.removeprefix("conv:") in self.inbox
                if self.inbox.apply(change) or (not is_known and await self._meet(change)):
                    self._take_event(change)
            case Event(event="conversation.left"):
                return  # the end of its stream follows
            case Gone():
                self._take_gone(change)
            case Snapshot():
                self.inbox.apply(change)
                await self._take_snapshot(change)
            case _:
                self.inbox.apply(change)

    async def _meet(self, event: Event) -> bool:
        """A conversation that was not in the list; whether it can be shown."""
        talk = await self._fetch(event.stream.removeprefix("conv:"))
        if talk is not None:
            self.inbox.begin([talk])
        return talk is not None

    def _take_event(self, event: Event) -> None:
        conversation_id = event.stream.removeprefix("conv:")
        self.inbox.timeline(conversation_id).keep(KEPT)
        message = event.message
        if conversation_id != self.open_id:
            if event.event == "message.created" and message is not None:
                self._tell(message)
            return
        if event.event == "message.created" and message is not None:
            self._show(self.inbox.timeline(conversation_id).messages.get(message.id, message))
            self.signals.read(conversation_id, message.seq)
            return
        said = notice(event, inbox=self.inbox, paint=self._screen.paint)
        if said is not None:
            self._screen.show(said)
        if event.event == "conversation.updated":
            self._screen.set_prompt(harmless(self.inbox.title(conversation_id)))

    async def _take_snapshot(self, snapshot: Snapshot) -> None:
        if snapshot.conversation is None:
            await self.load()  # one's own stream: which conversations there are
        elif snapshot.conversation.id == self.open_id:
            for message in snapshot.messages:
                self._show(message)
            self.signals.read(snapshot.conversation.id, self._shown)

    async def _fetch(self, conversation_id: str) -> Conversation | None:
        """None where one is no longer in it."""
        while True:
            try:
                return await self._client.conversation(conversation_id)
            except NotFound:
                return None
            except CGraphError as error:
                if not error.is_passing:
                    raise
                await asyncio.sleep(error.retry_after or AGAIN_SECONDS)

    def _take_joined(self, talk: Conversation) -> None:
        if talk.created_by != self.inbox.me.id and talk.id != self.open_id:
            title = harmless(self.inbox.title(talk.id))
            self._screen.show(self._screen.paint.dim(f"({title}: a new conversation)"))

    def _take_gone(self, gone: Gone) -> None:
        conversation_id = gone.stream.removeprefix("conv:")
        if conversation_id in self.inbox:
            title = harmless(self.inbox.title(conversation_id))
            self.inbox.apply(gone)
            self._screen.show(f"({title}: you are no longer in this conversation)")
        if conversation_id == self.open_id:
            self._enter(None)

    # what is seen

    def _enter(self, conversation_id: str | None) -> None:
        self.open_id, self._shown = conversation_id, 0
        title = "" if conversation_id is None else harmless(self.inbox.title(conversation_id))
        self._screen.set_prompt(title)
        self._changes.focus = [] if conversation_id is None else [f"conv:{conversation_id}"]
        self.aside.turn_to(conversation_id)
        self.speech.turn_to(conversation_id)

    def _show(self, message: Message) -> None:
        if message.seq > self._shown:
            self._shown = message.seq
            paint = self._screen.paint
            self._screen.show(paint.message(message, name_of=self.inbox.name_of))
            self.speech.was_shown(message)

    def _is_awaited(self, message: Message) -> bool:
        return message.conversation_id == self.open_id and message.seq > self._shown

    def _tell(self, message: Message) -> None:
        """Of another conversation: in a word, and not where it is muted, unless one is meant."""
        talk, me = self.inbox.talk(message.conversation_id), self.inbox.me.id
        is_quiet = talk.is_muted(datetime.now(UTC)) and me not in message.mentions
        if message.author_id != me and not is_quiet:
            title = harmless(self.inbox.title(talk.id))
            said = shortened(message.content, width=50)
            self._screen.show(self._screen.paint.dim(f"({title}: {said})"))

    def _take_keys(self, text: str) -> None:
        if self.open_id is not None:
            is_word = text.startswith("/") and not text.startswith("//")
            if text and not is_word:
                self.signals.type(self.open_id)
            else:
                self.signals.stop_typing(self.open_id)
