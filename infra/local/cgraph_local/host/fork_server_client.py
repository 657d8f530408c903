"""Starts and stops the fork server's process."""

import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from cgraph_local.host.fork_control import ForkControl, ForkServerFailed, socket_pair

FORK_SERVER = "cgraph_local.host.fork_server"
STOP_SECONDS = 5.0


class ForkServerClient:
    def __init__(self, *, log: Path, on_loss: Callable[[], None], preloaded: Sequence[str]) -> None:
        self._log = log
        self._preloaded = preloaded
        self._on_loss = on_loss
        self._process: asyncio.subprocess.Process | None = None
        self._control: ForkControl | None = None

    @property
    def control(self) -> ForkControl:
        """Raises ForkServerFailed."""
        if self._control is None:
            raise ForkServerFailed("the Lambda host is stopping")
        return self._control

    async def start(self) -> None:
        """Returns when the fork server is ready. Raises ForkServerFailed."""
        control, remote_control = socket_pair()
        with remote_control, self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", FORK_SERVER, str(remote_control.fileno())),
                *self._preloaded,
                env=_process_environment(),
                pass_fds=[remote_control.fileno()],
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._control = ForkControl(control, log=self._log, on_loss=lambda _: self._on_loss())
        await self._control.wait_ready()

    async def stop(self) -> None:
        control, self._control = self._control, None
        if control is not None:
            await control.close()
        if self._process is not None:
            try:
                await asyncio.wait_for(self._process.wait(), STOP_SECONDS)
            except TimeoutError:
                self._process.kill()
                await self._process.wait()

    def kill_all(self) -> None:
        """Kills the fork server. All environments end with it."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()


_ALLOCATOR = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": str(1 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(1 << 20),
}
"""For glibc: what is as large as a password's hash (19 MB) goes back to the system at once. As it
is, the first such piece makes all later ones part of the heap, which then stays as large.
"""


def _process_environment() -> dict[str, str]:
    """Few variables, because each fork replaces them; two that make a fork without exec safe on
    macOS; and those that a process reads only as it starts.
    """
    inherited = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    return {
        **inherited,
        **_ALLOCATOR,
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES",
        "no_proxy": "*",
    }
