"""A program in a pseudo-terminal: its output, and keys for it."""

from __future__ import annotations

import asyncio
import os
import pty
import re
import termios
from collections.abc import Mapping, Sequence
from typing import Self

CONTROL_SEQUENCE = re.compile(r"\x1b(?:\[[0-9;?]*[A-Za-z]|[=>]|\][^\x07]*\x07)")

CURSOR_POSITION_REQUEST, CURSOR_POSITION = b"\x1b[6n", b"\x1b[1;1R"
"""A program asks where the cursor is, and a terminal must answer."""

TIMEOUT_SECONDS = 20


class Terminal:
    def __init__(self, arguments: Sequence[str], *, environment: Mapping[str, str]) -> None:
        self._arguments = arguments
        self._environment = {**environment, "TERM": "xterm", "COLUMNS": "100", "LINES": "24"}
        self._output = bytearray()
        self._terminal = -1
        self._process: asyncio.subprocess.Process

    async def __aenter__(self) -> Self:
        self._terminal, program_side = pty.openpty()
        termios.tcsetwinsize(program_side, (24, 100))
        self._process = await asyncio.create_subprocess_exec(
            *self._arguments, stdin=program_side, stdout=program_side, env=self._environment
        )
        os.close(program_side)
        asyncio.get_running_loop().add_reader(self._terminal, self._read)
        return self

    async def __aexit__(self, *_: object) -> None:
        asyncio.get_running_loop().remove_reader(self._terminal)
        os.close(self._terminal)
        if self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    @property
    def output(self) -> str:
        """Everything written so far, without control sequences. Where the program draws over
        something, only the part that differs is there."""
        return CONTROL_SEQUENCE.sub("", self._output.decode(errors="replace"))

    def type(self, keys: str) -> None:
        os.write(self._terminal, keys.encode())

    def enter(self, line: str) -> None:
        self.type(f"{line}\r")

    async def wait_for(self, pattern: str, *, after: int = 0) -> re.Match[str]:
        """Returns the first match of a regular expression in the output from position `after`.
        Raises AssertionError where none comes."""
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                while (match := re.compile(pattern).search(self.output, after)) is None:
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise AssertionError(f"{pattern!r} is not in:\n{self.output}") from None
        return match

    async def wait_for_exit(self) -> int:
        """Returns the exit status."""
        async with asyncio.timeout(TIMEOUT_SECONDS):
            return await self._process.wait()

    def _read(self) -> None:
        try:
            output = os.read(self._terminal, 65_536)
        except OSError:  # on Linux: the program has closed its side
            asyncio.get_running_loop().remove_reader(self._terminal)
            return
        self._output += output
        if CURSOR_POSITION_REQUEST in output:
            os.write(self._terminal, CURSOR_POSITION)
