"""Where lines come from and go to: a terminal with a prompt, or plain standard input and output."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import AsyncGenerator, Callable, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Protocol, TextIO

from cgraph_client.terminal.paint import Paint, harmless

if TYPE_CHECKING:
    from prompt_toolkit.formatted_text import AnyFormattedText


class Screen(Protocol):
    """`on_typing` is called with what stands in the prompt, whenever it changes."""

    paint: Paint
    on_typing: Callable[[str], None]

    def show(self, line: str) -> None:
        """One more line of what was said."""

    def set_prompt(self, prompt: str) -> None:
        """Whom one is talking to."""

    def set_status(self, status: str) -> None:
        """How the connection is; empty while it is fine."""

    def set_aside(self, text: str) -> None:
        """Who is here, who is typing, who has seen it: worth a glance, not a line."""

    def offer(self, line: str) -> None:
        """Something to be changed and entered again."""

    def set_pending(self, contents: Sequence[str]) -> None:
        """What is on its way, in order."""

    def lines(self) -> AsyncGenerator[str, None]:
        """What is typed, until the end of the input."""


class PlainScreen:
    """Line by line, for pipes and scripts."""

    def __init__(self, source: TextIO, target: TextIO) -> None:
        self.paint = Paint(has_colours=_has_colours(target))
        self.on_typing: Callable[[str], None] = _ignore
        self._source = source
        self._target = target
        self._status = ""
        self._pending: tuple[str, ...] = ()

    def show(self, line: str) -> None:
        print(line, file=self._target, flush=True)

    def set_prompt(self, prompt: str) -> None:
        if prompt:
            self.show(f"— {prompt} —")

    def set_status(self, status: str) -> None:
        if status != self._status:
            self.show(f"— {status or 'connected'} —")
        self._status = status

    def set_aside(self, text: str) -> None:
        """Not here: each change would be a line."""

    def offer(self, line: str) -> None:
        self.show(f"{line}")

    def set_pending(self, contents: Sequence[str]) -> None:
        if len(contents) > len(self._pending):
            self.show(self.paint.dim(f"… {harmless(contents[-1])}"))
        self._pending = tuple(contents)

    async def lines(self) -> AsyncGenerator[str, None]:
        """A thread reads: standard input may be a file, which an event loop cannot wait for."""
        typed: asyncio.Queue[str | BaseException | None] = asyncio.Queue()
        loop = asyncio.get_running_loop()
        arguments = (self._source, loop, typed)
        threading.Thread(target=_read_lines, args=arguments, daemon=True).start()
        while (line := await typed.get()) is not None:
            if isinstance(line, BaseException):
                raise line
            yield line.rstrip("\r\n")


class PromptScreen:
    """A prompt at the bottom, with what is on its way above it; messages scroll over both."""

    def __init__(self) -> None:
        from prompt_toolkit import PromptSession

        self.paint = Paint(has_colours=_has_colours(sys.stdout))
        self.on_typing: Callable[[str], None] = _ignore
        self._session: PromptSession[str] = PromptSession(erase_when_done=True)
        self._session.default_buffer.on_text_changed += lambda buffer: self.on_typing(buffer.text)
        self._prompt = ""
        self._status = ""
        self._aside = ""
        self._offered = ""
        self._pending: Sequence[str] = ()

    def show(self, line: str) -> None:
        print(line, flush=True)

    def set_prompt(self, prompt: str) -> None:
        self._prompt = prompt
        self._session.app.invalidate()

    def set_status(self, status: str) -> None:
        self._status = status
        self._session.app.invalidate()

    def set_aside(self, text: str) -> None:
        self._aside = text
        self._session.app.invalidate()

    def offer(self, line: str) -> None:
        self._offered = line

    def set_pending(self, contents: Sequence[str]) -> None:
        self._pending = contents
        self._session.app.invalidate()

    async def lines(self) -> AsyncGenerator[str, None]:
        from prompt_toolkit.patch_stdout import patch_stdout

        with patch_stdout(raw=True):
            while True:
                offered, self._offered = self._offered, ""
                try:
                    yield await self._session.prompt_async(
                        self._above,
                        default=offered,
                        bottom_toolbar=lambda: self._status or self._aside or None,
                    )
                except (EOFError, KeyboardInterrupt):
                    return

    def _above(self) -> AnyFormattedText:
        pending = [("fg:ansibrightblack", f"… {harmless(line)}\n") for line in self._pending]
        return [*pending, ("bold", f"{self._prompt}> ")]


def new_screen() -> Screen:
    is_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    if is_terminal and os.environ.get("TERM") != "dumb" and find_spec("prompt_toolkit"):
        return PromptScreen()
    return PlainScreen(sys.stdin, sys.stdout)


def _ignore(_: str) -> None:
    """Nobody asked to know what is being typed."""


def _has_colours(target: TextIO) -> bool:
    return target.isatty() and "NO_COLOR" not in os.environ


def _read_lines(
    source: TextIO,
    loop: asyncio.AbstractEventLoop,
    typed: asyncio.Queue[str | BaseException | None],
) -> None:
    end: BaseException | None = None
    try:
        for line in source:
            loop.call_soon_threadsafe(typed.put_nowait, line)
    except (OSError, ValueError) as error:
        end = error
    if not loop.is_closed():
        loop.call_soon_threadsafe(typed.put_nowait, end)
