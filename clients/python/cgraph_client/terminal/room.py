"""The conversation that is open, and what comes in from all of them."""

from __future__ import annotations

import asyncio
import uuid

from cgraph_client.api import Client
from cgraph_client.changes import Change, Event, Gone, Snapshot
from cgraph_client.errors import ApiError, CGraphError, NotFound
from cgraph_client.models import Conversation, Message
from cgraph_client.outbox import Outbox
from cgraph_client.reading import read
from cgraph_client.subscription import Subscription
from cgraph_client.terminal.inbox import Inbox
from cgraph_client.terminal.paint import harmless, shortened
from cgraph_client.terminal.screen import Screen

HISTORY = 20
AGAIN_SECONDS = 1.0
SEEN_SECONDS = 5.0


class Room:
    """`underway` has what was said and is not on the screen as a message yet."""

    def __init__(self, client: Client, *, inbox: Inbox, outbox: Outbox, screen: Screen) -> None:
        self.inbox = inbox
        self.open_id: str | None = None
        self.underway: dict[str, tuple[str, str]] = {}
        self._client = client
        self._outbox = outbox
        self._screen = screen
        self._shown = 0  # the highest number on the screen
        self._turn = asyncio.Lock()  # an event that comes while a history loads is shown after it
        self._unmarked = asyncio.Event()
        self._sending: set[asyncio.Task[None]] = set()

    # what one does

    async def load(self) -> None:
        self.inbox.put_all((await self._client.conversations()).items)

    async def open(self, conversation_id: str, *, history: int = HISTORY) -> None:
        """Shows the latest messages, and from then on each new one."""
        async with self._turn:
            talk = await self._client.conversation(conversation_id)
            messages = await self._client.history(conversation_id, limit=history)
            self.inbox.put(talk)
            self.open_id, self._shown = talk.id, 0
            self._screen.set_prompt(harmless(self.inbox.title(talk.id)))
            for message in messages:
                self._show(message)
            self._show_underway()

    async def start(self, *usernames: str) -> None:
        conversation = await self._client.create_conversation(*usernames)
        await self.open(conversation.id)

    def send(self, content: str) -> None:
        """Sets it on its way, in the order of the calls."""
        assert self.open_id is not None, "only an open conversation is spoken to"
        nonce = str(uuid.uuid4())
        self.underway[nonce] = (self.open_id, content)
        self._show_underway()
        task = asyncio.create_task(self._send(self.open_id, content, nonce=nonce))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def finish(self, seconds: float) -> list[str]:
        """Waits until what was said has arrived and was shown; what did not arrive in time."""
        if self._sending:
            await asyncio.wait(self._sending, timeout=seconds)
        lost = list(self._sending)
        for task in lost:
            task.cancel()
        if lost:
            return [content for _, content in self.underway.values()]
        try:
            async with asyncio.timeout(SEEN_SECONDS):
                while self.underway:
                    await asyncio.sleep(0.02)
        except TimeoutError:
            self._screen.show("The last messages have arrived, but their events have not.")
        return []

    # what comes in

    async def follow(self, changes: Subscription) -> None:
        async for change in changes:
            async with self._turn:
                await self._take(change)

    async def keep_marked(self) -> None:
        """Tells the server what was read: only the latest number, and again until it knows."""
        while True:
            await self._unmarked.wait()
            self._unmarked.clear()
            if self.open_id is None:
                continue
            try:
                await self._client.mark_read(self.open_id, self._shown)
            except NotFound:
                continue  # the conversation is gone, which its stream is about to tell
            except CGraphError as error:
                if not error.is_passing:
                    raise
                self._unmarked.set()
                await asyncio.sleep(error.retry_after or AGAIN_SECONDS)

    async def _take(self, change: Change) -> None:
        match change:
            case Event(event="message.created", message=Message() as message):
                await self._take_message(message)
            case Event(event="conversation.joined", data={"conversation": document}):
                self._take_joined(read(Conversation.read, document))
            case Event(event="conversation.read", data=data):
                self.inbox.mark(data["conversation_id"], unread=data["unread_count"])
            case Snapshot(messages=messages):
                for message in messages:
                    await self._take_message(message)
            case Gone(stream):
                self._take_gone(stream.removeprefix("conv:"))

    async def _take_message(self, message: Message) -> None:
        conversation_id = message.conversation_id
        is_first = conversation_id not in self.inbox
        if is_first or not self.inbox.knows(message.author_id):
            talk = await self._fetch(conversation_id)
            if talk is None:
                return
            self.inbox.put(talk)
        is_open = conversation_id == self.open_id
        is_new = self.inbox.note(message, is_read=is_open) or is_first
        if is_open:
            self._show(message)
        elif is_new and message.author_id != self.inbox.me.id:
            self._tell(message)

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
        if talk.id not in self.inbox:
            self.inbox.put(talk)
            if talk.created_by != self.inbox.me.id:
                title = harmless(self.inbox.title(talk.id))
                self._screen.show(self._screen.paint.dim(f"({title}: a new conversation)"))

    def _take_gone(self, conversation_id: str) -> None:
        if conversation_id in self.inbox:
            title = harmless(self.inbox.title(conversation_id))
            self._screen.show(f"({title}: you are no longer in this conversation)")
            self.inbox.remove(conversation_id)
        if conversation_id == self.open_id:
            self.open_id = None
            self._screen.set_prompt("")

    # what is seen

    def _show(self, message: Message) -> None:
        if message.seq <= self._shown:
            return
        self._shown = message.seq
        author = harmless(self.inbox.name_of(message.author_id))
        said = self._screen.paint.said(author, message.content, at=message.created_at)
        self._screen.show(said)
        if message.author_id == self.inbox.me.id:
            self.underway.pop(message.id, None)
            self._show_underway()
        else:
            self.inbox.mark(message.conversation_id, unread=0)
            self._unmarked.set()

    def _tell(self, message: Message) -> None:
        title = harmless(self.inbox.title(message.conversation_id))
        said = shortened(message.content, width=50)
        self._screen.show(self._screen.paint.dim(f"({title}: {said})"))

    def _show_underway(self) -> None:
        here = [said for talk_id, said in self.underway.values() if talk_id == self.open_id]
        self._screen.set_pending(here)

    async def _send(self, conversation_id: str, content: str, *, nonce: str) -> None:
        try:
            message = await self._outbox.send(conversation_id, content, nonce=nonce)
        except ApiError as error:
            self._screen.show(f"Not sent: {error.message} ({error.code}): {harmless(content)}")
            del self.underway[nonce]
        else:
            said = self.underway.pop(nonce)
            if conversation_id == self.open_id and message.seq > self._shown:
                self.underway[message.id] = said
        self._show_underway()
