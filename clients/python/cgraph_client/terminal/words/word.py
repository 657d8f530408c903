"""What every word is, and what all of them have at hand."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from cgraph_client.api import Client
from cgraph_client.models import Message
from cgraph_client.subscription import Subscription
from cgraph_client.terminal.room import Room
from cgraph_client.terminal.screen import Screen


class Misspoken(Exception):
    """The word cannot be obeyed as it was typed; the text says what would do."""


@dataclass(frozen=True, slots=True)
class Desk:
    client: Client
    changes: Subscription
    room: Room
    screen: Screen

    def where(self) -> str:
        """The conversation that is open. Raises Misspoken."""
        if self.room.open_id is None:
            raise Misspoken("No conversation is open: /open N, or /new NAME.")
        return self.room.open_id

    async def message(self, number: str) -> Message:
        """In the conversation that is open. Raises Misspoken."""
        await self._settled()
        found = await self.room.message(int(number)) if number.isdecimal() else None
        if found is None:
            raise Misspoken("Which message? Each has its number before it.")
        return found

    async def own_last(self) -> Message:
        """Raises Misspoken."""
        await self._settled()
        found = self.room.own_last()
        if found is None:
            raise Misspoken("You have said nothing here yet.")
        return found

    async def _settled(self) -> None:
        self.where()
        await self.room.speech.settle()


@dataclass(frozen=True, slots=True)
class Word:
    """`takes` and `does` are its line in /help."""

    name: str
    takes: str
    does: str
    obey: Callable[[Desk, str], Awaitable[None]]
