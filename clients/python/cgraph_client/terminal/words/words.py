"""From a line to what it asks for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import aclosing

from cgraph_client.errors import ApiError, Unreachable
from cgraph_client.terminal.paint import harmless
from cgraph_client.terminal.words import account, messages, people, talks
from cgraph_client.terminal.words.word import Desk, Misspoken, Word

FAREWELL_SECONDS = 30.0
REST = """\
  /help /quit           this; leaves (so does the end of the input)
Anything else is said to the conversation that is open; // begins a message with a slash."""


class Words:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        groups = (talks.WORDS, messages.WORDS, people.WORDS, account.WORDS)
        self._known = {word.name: word for group in groups for word in group}

    async def obey_all(self, *, first: str | None) -> bool:
        """Until the end of the input; whether everything that was said has arrived."""
        await talks.list_talks(self._desk, "")
        if first is not None:
            await self._attempt(talks.open_talk, first)
        else:
            self._desk.screen.show("(/open N opens one of them, /help lists all that can be typed)")
        async with aclosing(self._desk.screen.lines()) as lines:
            async for line in lines:
                if line.strip() in ("/quit", "/exit"):
                    break
                await self._obey(line)
        return await self._farewell()

    async def _obey(self, line: str) -> None:
        if line.startswith("/") and not line.startswith("//"):
            name, _, rest = line.partition(" ")
            word = self._known.get(name)
            if word is not None:
                await self._attempt(word.obey, rest.strip())
            elif name == "/help":
                self._help()
            else:
                self._desk.screen.show(f"{harmless(name)} is no word here; /help lists them.")
        elif line.strip():
            await self._attempt(_say, line.removeprefix("/"))

    async def _attempt(self, action: Callable[[Desk, str], Awaitable[None]], rest: str) -> None:
        show = self._desk.screen.show
        try:
            await action(self._desk, rest)
        except Misspoken as hint:
            show(str(hint))
        except ApiError as error:
            show(f"{error.message} ({error.code})")
        except Unreachable as error:
            show(f"No answer; try again in a moment. ({error})")

    def _help(self) -> None:
        for word in self._known.values():
            if word.does:
                self._desk.screen.show(_help_line(word))
        self._desk.screen.show(REST)

    async def _farewell(self) -> bool:
        screen, speech = self._desk.screen, self._desk.room.speech
        if not speech.is_over:
            screen.show("Waiting for what you said to arrive…")
        lost = await speech.finish(FAREWELL_SECONDS)
        for content in lost:
            screen.show(f"Not delivered: {harmless(content)}")
        return not lost


async def _say(desk: Desk, content: str) -> None:
    desk.where()
    desk.room.say(content)


def _help_line(word: Word) -> str:
    return f"  {f'{word.name} {word.takes}':20}  {word.does}"
