"""The host's end of the process that environments are forked from."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

FORK_SERVER = "cgraph_local.host.fork_server"
STOP_SECONDS = 5.0
START_SECONDS = 60.0


class ForkerFailed(Exception):
    """The process that environments are forked from could not start, or is gone."""


@dataclass(frozen=True, slots=True)
class Fork:
    pid: int
    channel: socket.socket
    """Ours."""
    far_channel: socket.socket
    """A copy of the environment's end, to see what it left unread when it died."""
    output: int
    """The descriptor its stdout and stderr can be read from."""
    exited: asyncio.Future[int]
    """Its exit code, or minus the signal that ended it."""


class Forker:
    def __init__(self, *, log: Path, on_loss: Callable[[], None]) -> None:
        self._log = log
        self._on_loss = on_loss
        self._exits: dict[int, asyncio.Future[int]] = {}
        self._process: asyncio.subprocess.Process | None = None
        self._control: socket.socket | None = None
        self._listening: asyncio.Task[None] | None = None
        self._reply: asyncio.Future[tuple[int, asyncio.Future[int]]] | None = None
        self._turn = asyncio.Lock()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    async def start(self) -> None:
        control, theirs = _pair()
        with theirs, self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(
                    sys.executable,
                    "-P",
                    "-m",
                    "cgraph_local.host.fork_server",
                    str(theirs.fileno()),
                ),
                env=_own_environment(),
                pass_fds=[theirs.fileno()],
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._control = control
        self._reply = asyncio.get_running_loop().create_future()
        self._listening = asyncio.create_task(self._listen(control))
        try:
            await asyncio.wait_for(self._reply, START_SECONDS)
        except TimeoutError:
            raise ForkerFailed(f"the Lambda host did not start; see {self._log}") from None

    async def stop(self) -> None:
        listening, self._listening = self._listening, None
        if listening is not None:
            listening.cancel()
            await asyncio.wait([listening])
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            try:
                await asyncio.wait_for(self._process.wait(), STOP_SECONDS)
            except TimeoutError:
                self._process.kill()
                await self._process.wait()

    async def fork(self, *, variables: Mapping[str, str], paths: list[str]) -> Fork:
        async with self._turn:
            if self._listening is None or self._control is None:
                raise ForkerFailed("the Lambda host is stopping")
            near, far = _pair()
            output, far_output = os.pipe()
            order = {"fork": {"variables": dict(variables), "paths": paths}}
            self._reply = asyncio.get_running_loop().create_future()
            try:
                message = json.dumps(order).encode() + b"\n"
                socket.send_fds(self._control, [message], [far.fileno(), far_output])
                pid, exited = await self._reply
            except BaseException:
                near.close()
                far.close()
                os.close(output)
                raise
            finally:
                os.close(far_output)
        return Fork(pid=pid, channel=near, far_channel=far, output=output, exited=exited)

    def kill(self, pid: int) -> None:
        """Has no effect on a process that has already ended: only its parent knows that surely."""
        if self._control is not None and self._listening is not None:
            self._control.sendall(json.dumps({"kill": pid}).encode() + b"\n")

    def kill_all(self) -> None:
        """The process and with it, as it is missed, every environment."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()

    async def _listen(self, control: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        rest = b""
        try:
            while data := await loop.sock_recv(control, 65536):
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    self._hear(json.loads(line))
        except ConnectionError:
            pass  # the same as its end of file: it is gone
        self._listening = None
        self._bury_all()
        if self._reply is not None and not self._reply.done():
            self._reply.set_exception(ForkerFailed(f"the Lambda host died; see {self._log}"))
        self._on_loss()

    def _bury_all(self) -> None:
        """Only Linux ends the children with their parent."""
        for pid, exited in self._exits.items():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            exited.set_result(-signal.SIGKILL)
        self._exits.clear()

    def _hear(self, message: dict[str, int]) -> None:
        if "exited" in message:
            self._exits.pop(message["exited"]).set_result(message["status"])
            return
        exited: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        if "forked" in message:
            self._exits[message["forked"]] = exited
        if self._reply is not None and not self._reply.done():
            self._reply.set_result((message.get("forked", 0), exited))


def _pair() -> tuple[socket.socket, socket.socket]:
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    near.setblocking(False)
    for end in (near, far):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 18)
    return near, far


def _own_environment() -> dict[str, str]:
    """Little, since each fork replaces it; with what makes a fork without exec safe on macOS."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    return {
        **kept,
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES",
        "no_proxy": "*",
    }
