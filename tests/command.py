"""`cgraph`, the command, as tests run it: from this checkout, or from a copy of it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from cgraph_local.core.home import CHECKOUT

CGRAPH = Path(sys.executable).with_name("cgraph")
SOURCES = ("infra/local", "layers/cgraph", "clients/python")


def run_command(
    folder: Path,
    arguments: Sequence[str],
    *,
    port: int,
    typed: str = "",
    **variables: str,
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [CGRAPH, *arguments],
        env=command_environment(folder, port=port) | variables,
        input=typed,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )


def command_environment(folder: Path, *, port: int, checkout: Path = CHECKOUT) -> dict[str, str]:
    """Without what the person who runs the tests has set for a system of their own."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("CGRAPH_")}
    ours = {"CGRAPH_HOME": str(folder), "CGRAPH_PORT": str(port)}
    if checkout == CHECKOUT:
        return own | ours
    return own | ours | {"PYTHONPATH": os.pathsep.join(str(checkout / path) for path in SOURCES)}


class Command:
    """One that goes on, with its input and output in hand."""

    def __init__(self, *arguments: str, folder: Path, port: int) -> None:
        self.said = ""
        self._arguments = arguments
        self._environment = command_environment(folder, port=port)
        self._process: asyncio.subprocess.Process

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            CGRAPH,
            *self._arguments,
            env=self._environment,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._process.returncode is None:
            self._process.kill()
        await self.finish()

    async def type(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())
        await self._process.stdin.drain()

    async def end_input(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.stdin.wait_closed()

    async def until(self, words: str) -> None:
        async with asyncio.timeout(20):
            while words not in self.said:
                assert await self._read(), f"it ended without {words!r}:\n{self.said}"

    async def finish(self) -> int:
        async with asyncio.timeout(40):
            while await self._read():
                pass
            return await self._process.wait()

    async def _read(self) -> bool:
        assert self._process.stdout is not None
        some = await self._process.stdout.read(65536)
        self.said += some.decode(errors="replace")
        return bool(some)
