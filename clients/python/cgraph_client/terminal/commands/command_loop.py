"""Reads lines and does what they say."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import aclosing

from cgraph_client.core.errors import ApiError, Unreachable
from cgraph_client.terminal.commands import (
    account,
    account_access,
    conversations,
    files,
    members,
    messages,
    notifications,
    search,
)
from cgraph_client.terminal.commands.command import Command, CommandContext, UsageError
from cgraph_client.terminal.formatting import sanitize

FINISH_TIMEOUT_SECONDS = 30.0
HELP_END = """\
  /help /quit           this list; ends the chat (so does the end of the input)
Everything else is sent to the open conversation; // begins a message with a slash."""


class CommandLoop:
    def __init__(self, context: CommandContext) -> None:
        self._context = context
        groups = (
            conversations.COMMANDS,
            messages.COMMANDS,
            files.COMMANDS,
            members.COMMANDS,
            search.COMMANDS,
            notifications.COMMANDS,
            account.COMMANDS,
            account_access.COMMANDS,
        )
        self._commands = {command.name: command for group in groups for command in group}

    async def run(self, *, first: str | None) -> bool:
        """Runs until the end of the input. Returns whether everything that was sent has arrived.
        `first`: the conversation to open at the start."""
        screen = self._context.screen
        await conversations.list_conversations(self._context, "")
        if first is not None:
            await self._try(conversations.open_conversation, first)
        else:
            screen.show("(/open N opens one of them, /help lists all commands)")
        async with aclosing(screen.lines()) as lines:
            async for line in lines:
                if line.strip() in ("/quit", "/exit"):
                    break
                await self._run_line(line)
        return await self._finish()

    async def _run_line(self, line: str) -> None:
        if line.startswith("/") and not line.startswith("//"):
            name, _, arguments = line.partition(" ")
            command = self._commands.get(name)
            if command is not None:
                await self._try(command.run, arguments.strip())
            elif name == "/help":
                self._show_help()
            else:
                self._context.screen.show(f"{sanitize(name)} is not a command; /help lists them.")
        elif line.strip():
            await self._try(_send, line.removeprefix("/"))

    async def _try(
        self, action: Callable[[CommandContext, str], Awaitable[None]], arguments: str
    ) -> None:
        show = self._context.screen.show
        try:
            await action(self._context, arguments)
        except UsageError as error:
            show(str(error))
        except ApiError as error:
            show(f"{error.message} ({error.code})")
        except Unreachable as error:
            show(f"No answer; try again in a moment. ({error})")

    def _show_help(self) -> None:
        for command in self._commands.values():
            if command.description:
                self._context.screen.show(_help_line(command))
        self._context.screen.show(HELP_END)

    async def _finish(self) -> bool:
        screen, queue = self._context.screen, self._context.view.send_queue
        if not queue.is_empty:
            screen.show("Waiting for your messages to arrive…")
        unsent = await queue.finish(within=FINISH_TIMEOUT_SECONDS)
        for content in unsent:
            screen.show(f"Not delivered: {sanitize(content)}")
        return not unsent


async def _send(context: CommandContext, content: str) -> None:
    context.open_conversation()
    context.view.send(content)


def _help_line(command: Command) -> str:
    return f"  {f'{command.name} {command.arguments}':20}  {command.description}"
