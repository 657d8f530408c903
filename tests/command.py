"""The command `cgraph` as tests run it: from this checkout, or from a copy of it."""

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
    stdin: str = "",
    **variables: str,
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [CGRAPH, *arguments],
        env=command_environment(folder, port=port) | variables,
        input=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )


def command_environment(folder: Path, *, port: int, checkout: Path = CHECKOUT) -> dict[str, str]:
    """Without the CGRAPH_ variables of the person who runs the tests, and without previews of
    links: no test of a whole system reads pages of the internet.
    """
    inherited = {name: text for name, text in os.environ.items() if not name.startswith("CGRAPH_")}
    own = {"CGRAPH_HOME": str(folder), "CGRAPH_PORT": str(port), "CGRAPH_LINK_PREVIEWS": "off"}
    if checkout == CHECKOUT:
        return inherited | own
    sources = os.pathsep.join(str(checkout / path) for path in SOURCES)
    return inherited | own | {"PYTHONPATH": sources}


class Command:
    """A command that keeps running, for `async with`. `output`: all of it so far."""

    def __init__(self, *arguments: str, folder: Path, port: int) -> None:
        self.output = ""
        self._arguments = arguments
        self._environment = command_environment(folder, port=port)
        self._process: asyncio.subprocess.Process

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            CGRAPH,
            *self._arguments,
            env=self._environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._process.returncode is None:
            self._process.kill()
        async with asyncio.timeout(40):
            while await self._read():
                pass
            await self._process.wait()

    async def wait_for(self, text: str) -> None:
        """Until the output has it. Raises AssertionError where the command ends before."""
        async with asyncio.timeout(20):
            while text not in self.output:
                assert await self._read(), f"it ended without {text!r}:\n{self.output}"

    async def _read(self) -> bool:
        assert self._process.stdout is not None
        some = await self._process.stdout.read(65536)
        self.output += some.decode(errors="replace")
        return bool(some)
