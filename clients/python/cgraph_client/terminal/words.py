"""What is typed: a message, or a word that begins with a slash."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import aclosing

from cgraph_client.errors import ApiError, NotFound, Unreachable
from cgraph_client.terminal.paint import clock, harmless, shortened
from cgraph_client.terminal.room import HISTORY, Room
from cgraph_client.terminal.screen import Screen

FAREWELL_SECONDS = 30.0

HELP = """\
/list             the conversations, the latest first
/open N|NAME      opens one: its number in the list, its name, or somebody's username
/new NAME…        begins a conversation, with several people a group
/history [N]      shows the last N messages again
/help             this
/quit             leaves (so does the end of the input)
Anything else is said to the conversation that is open; // begins a message with a slash."""


class Words:
    def __init__(self, room: Room, *, screen: Screen) -> None:
        self._room = room
        self._screen = screen
        self._known: dict[str, Callable[[str], Awaitable[None]]] = {
            "/list": self._list,
            "/open": self._open,
            "/new": self._new,
            "/history": self._history,
            "/help": self._help,
        }

    async def obey_all(self, *, first: str | None) -> bool:
        """Until the end of the input; whether everything that was said has arrived."""
        await self._list("")
        if first is not None:
            await self._attempt(self._open, first)
        async with aclosing(self._screen.lines()) as lines:
            async for line in lines:
                if line.strip() in ("/quit", "/exit"):
                    break
                await self._obey(line)
        return await self._farewell()

    async def _obey(self, line: str) -> None:
        if line.startswith("/") and not line.startswith("//"):
            word, _, rest = line.partition(" ")
            known = self._known.get(word)
            if known is None:
                self._screen.show(f"{harmless(word)} is no word here; /help lists them.")
            else:
                await self._attempt(known, rest.strip())
        elif line.strip():
            self._say(line.removeprefix("/"))

    async def _attempt(self, action: Callable[[str], Awaitable[None]], rest: str) -> None:
        try:
            await action(rest)
        except ApiError as error:
            self._screen.show(f"{error.message} ({error.code})")
        except Unreachable as error:
            self._screen.show(f"No answer; try again in a moment. ({error})")

    def _say(self, content: str) -> None:
        if self._room.open_id is None:
            self._screen.show("No conversation is open: /open N, or /new NAME.")
        else:
            self._room.send(content)

    async def _list(self, _: str) -> None:
        paint = self._screen.paint
        talks = self._room.inbox.listed()
        for number, talk in enumerate(talks, start=1):
            title = shortened(self._room.inbox.title(talk.id), width=24)
            unread = paint.bold(f"{talk.unread_count} unread  ") if talk.unread_count else ""
            last = ""
            if talk.last_message is not None:
                said = shortened(talk.last_message.content, width=40)
                last = paint.dim(f"{clock(talk.last_message.created_at)}  {said}")
            self._screen.show(f"{number:3}  {title:24}  {unread}{last}")
        if not talks:
            self._screen.show("No conversation yet: /new NAME begins one.")

    async def _open(self, rest: str) -> None:
        found = self._room.inbox.find(rest)
        if found is not None:
            await self._room.open(found)
        elif not rest or rest.isdecimal():
            self._screen.show("Which one? /list shows their numbers.")
        else:
            await self._open_elsewhere(rest)

    async def _open_elsewhere(self, name: str) -> None:
        """A conversation that is not in the list: an id, or somebody one may have talked to."""
        try:
            await self._room.open(name)
        except ApiError as unknown:
            if not isinstance(unknown, NotFound) and unknown.status != 422:
                raise
            await self._room.start(name)

    async def _new(self, rest: str) -> None:
        names = rest.replace(",", " ").split()
        if names:
            await self._room.start(*names)
        else:
            self._screen.show("With whom? /new NAME, or /new NAME NAME…")

    async def _history(self, rest: str) -> None:
        count = int(rest) if rest.isdecimal() else HISTORY
        if self._room.open_id is None:
            self._screen.show("No conversation is open: /open N, or /new NAME.")
        else:
            await self._room.open(self._room.open_id, history=max(1, min(count, 100)))

    async def _help(self, _: str) -> None:
        self._screen.show(HELP)

    async def _farewell(self) -> bool:
        if self._room.underway:
            self._screen.show(f"Waiting for {len(self._room.underway)} message(s) to arrive…")
        lost = await self._room.finish(FAREWELL_SECONDS)
        for content in lost:
            self._screen.show(f"Not delivered: {harmless(content)}")
        return not lost
