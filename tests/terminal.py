"""A program at a terminal of its own: what it draws, and keys for it."""

from __future__ import annotations

import asyncio
import os
import pty
import re
import termios
from collections.abc import Mapping, Sequence
from typing import Self

DRAWN = re.compile(r"\x1b(?:\[[0-9;?]*[A-Za-z]|[=>]|\][^\x07]*\x07)")
"""What moves and colours, and is not text."""

WHERE, HERE = b"\x1b[6n", b"\x1b[1;1R"
"""Where the cursor is: a program asks, a terminal answers."""


class Terminal:
    """`seen` is all that it ever drew, without cursor and colours: where something is drawn over
    something else, only what differs."""

    def __init__(self, arguments: Sequence[str], *, environment: Mapping[str, str]) -> None:
        self._arguments = arguments
        self._environment = {**environment, "TERM": "xterm", "COLUMNS": "100", "LINES": "24"}
        self._drawn = bytearray()
        self._keys = -1
        self._process: asyncio.subprocess.Process

    async def __aenter__(self) -> Self:
        self._keys, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, (24, 100))
        self._process = await asyncio.create_subprocess_exec(
            *self._arguments, stdin=theirs, stdout=theirs, env=self._environment
        )
        os.close(theirs)
        asyncio.get_running_loop().add_reader(self._keys, self._read)
        return self

    async def __aexit__(self, *_: object) -> None:
        asyncio.get_running_loop().remove_reader(self._keys)
        os.close(self._keys)
        if self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    @property
    def seen(self) -> str:
        return DRAWN.sub("", self._drawn.decode(errors="replace"))

    def type(self, keys: str) -> None:
        os.write(self._keys, keys.encode())

    def enter(self, line: str) -> None:
        self.type(f"{line}\r")

    async def sees(self, pattern: str, *, after: int = 0) -> re.Match[str]:
        """The first match of a regular expression, after so many characters. Raises
        AssertionError."""
        try:
            async with asyncio.timeout(20):
                while (found := re.compile(pattern).search(self.seen, after)) is None:
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise AssertionError(f"{pattern!r} is not in:\n{self.seen}") from None
        return found

    async def ends(self) -> int:
        async with asyncio.timeout(20):
            return await self._process.wait()

    def _read(self) -> None:
        try:
            drawn = os.read(self._keys, 65_536)
        except OSError:  # what Linux says when the other end is closed
            asyncio.get_running_loop().remove_reader(self._keys)
            return
        self._drawn += drawn
        if WHERE in drawn:
            os.write(self._keys, HERE)
