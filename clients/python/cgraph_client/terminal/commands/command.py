"""A command, and what it works with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from cgraph_client.client import Client
from cgraph_client.models.messages import Message
from cgraph_client.realtime.connection import RealtimeConnection
from cgraph_client.terminal.conversation_view import ConversationView
from cgraph_client.terminal.screens.screen import Screen


class UsageError(Exception):
    """The command cannot run as it was typed. The text says how to type it."""


@dataclass(frozen=True, slots=True)
class CommandContext:
    client: Client
    connection: RealtimeConnection
    view: ConversationView
    screen: Screen

    def open_conversation(self) -> str:
        """Returns the id of the open conversation. Raises UsageError where none is open."""
        if self.view.open_id is None:
            raise UsageError("No conversation is open: /open N, or /new NAME.")
        return self.view.open_id

    async def message(self, number: str) -> Message:
        """Returns the message of the open conversation with this number. Raises UsageError."""
        await self._wait_until_shown()
        found = await self.view.find_message(int(number)) if number.isdecimal() else None
        if found is None:
            raise UsageError("Which message? Its number is at the beginning of its line.")
        return found

    async def last_own_message(self) -> Message:
        """Returns the last message of the user in the open conversation. Raises UsageError."""
        await self._wait_until_shown()
        found = self.view.last_own_message()
        if found is None:
            raise UsageError("You have not sent a message here yet.")
        return found

    async def _wait_until_shown(self) -> None:
        self.open_conversation()
        await self.view.send_queue.wait_until_shown()


@dataclass(frozen=True, slots=True)
class Command:
    """`run` gets the text after the name. `arguments` and `description` are its line in /help;
    without a description it has none."""

    name: str
    arguments: str
    description: str
    run: Callable[[CommandContext, str], Awaitable[None]]
