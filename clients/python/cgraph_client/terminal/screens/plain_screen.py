"""Line by line, for pipes and scripts."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import TextIO

from cgraph_client.terminal.formatting import sanitize
from cgraph_client.terminal.screens.screen import ignore_typing, new_formatter


class PlainScreen:
    def __init__(self, source: TextIO, target: TextIO) -> None:
        self.formatter = new_formatter(target)
        self.on_typing: Callable[[str], None] = ignore_typing
        self._source = source
        self._target = target
        self._connection_status = ""
        self._pending: tuple[str, ...] = ()

    def show(self, line: str) -> None:
        print(line, file=self._target, flush=True)

    def set_prompt(self, prompt: str) -> None:
        if prompt:
            self.show(f"— {prompt} —")

    def set_connection_status(self, status: str) -> None:
        if status != self._connection_status:
            self.show(f"— {status or 'connected'} —")
        self._connection_status = status

    def set_status_line(self, text: str) -> None:
        """Shows nothing, because each change would be a line."""

    def ring(self) -> None:
        """Makes no noise: the output may be read by a program."""

    def prefill(self, line: str) -> None:
        self.show(line)

    def set_pending(self, contents: Sequence[str]) -> None:
        if len(contents) > len(self._pending):
            self.show(self.formatter.dim(f"… {sanitize(contents[-1])}"))
        self._pending = tuple(contents)

    async def lines(self) -> AsyncGenerator[str, None]:
        """A thread reads, because standard input may be a file, which an event loop cannot wait
        for."""
        entered: asyncio.Queue[str | BaseException | None] = asyncio.Queue()
        loop = asyncio.get_running_loop()
        arguments = (self._source, loop, entered)
        threading.Thread(target=_read_lines, args=arguments, daemon=True).start()
        while (line := await entered.get()) is not None:
            if isinstance(line, BaseException):
                raise line
            yield line.rstrip("\r\n")


def _read_lines(
    source: TextIO,
    loop: asyncio.AbstractEventLoop,
    entered: asyncio.Queue[str | BaseException | None],
) -> None:
    end: BaseException | None = None
    try:
        for line in source:
            loop.call_soon_threadsafe(entered.put_nowait, line)
    except (OSError, ValueError) as error:
        end = error
    if not loop.is_closed():
        loop.call_soon_threadsafe(entered.put_nowait, end)
