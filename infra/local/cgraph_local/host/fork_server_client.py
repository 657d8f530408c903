"""Starts the fork server and asks it for execution environments."""

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


class ForkServerFailed(Exception):
    """The fork server could not start, or has ended."""


@dataclass(frozen=True, slots=True)
class Fork:
    pid: int
    channel: socket.socket
    """The host's end of the channel."""
    remote_channel: socket.socket
    """A copy of the environment's end. It shows what was left unread when the environment ended."""
    output: int
    """The descriptor from which its standard output and error can be read."""
    exited: asyncio.Future[int]
    """The exit code, or minus the number of the signal that ended it."""


class ForkServerClient:
    def __init__(self, *, log: Path, on_loss: Callable[[], None]) -> None:
        self._log = log
        self._on_loss = on_loss
        self._exit_futures: dict[int, asyncio.Future[int]] = {}
        self._process: asyncio.subprocess.Process | None = None
        self._control: socket.socket | None = None
        self._listener: asyncio.Task[None] | None = None
        self._reply: asyncio.Future[tuple[int, asyncio.Future[int]]] | None = None
        self._fork_lock = asyncio.Lock()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """Returns when the fork server is ready. Raises ForkServerFailed."""
        control, remote_control = _socket_pair()
        with remote_control, self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", FORK_SERVER, str(remote_control.fileno())),
                env=_process_environment(),
                pass_fds=[remote_control.fileno()],
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._control = control
        self._reply = asyncio.get_running_loop().create_future()
        self._listener = asyncio.create_task(self._listen(control))
        try:
            await asyncio.wait_for(self._reply, START_SECONDS)
        except TimeoutError:
            raise ForkServerFailed(f"the Lambda host did not start; see {self._log}") from None

    async def stop(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.cancel()
            await asyncio.wait([listener])
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            try:
                await asyncio.wait_for(self._process.wait(), STOP_SECONDS)
            except TimeoutError:
                self._process.kill()
                await self._process.wait()

    async def fork(self, *, variables: Mapping[str, str], paths: list[str]) -> Fork:
        """Forks an execution environment. Raises ForkServerFailed, OSError.

        `variables`: its environment variables; `paths`: go to the front of its `sys.path`.
        """
        async with self._fork_lock:
            if self._listener is None or self._control is None:
                raise ForkServerFailed("the Lambda host is stopping")
            channel, remote_channel = _socket_pair()
            output, output_writer = os.pipe()
            request = {"fork": {"variables": dict(variables), "paths": paths}}
            self._reply = asyncio.get_running_loop().create_future()
            try:
                message = json.dumps(request).encode() + b"\n"
                socket.send_fds(self._control, [message], [remote_channel.fileno(), output_writer])
                pid, exited = await self._reply
            except BaseException:
                channel.close()
                remote_channel.close()
                os.close(output)
                raise
            finally:
                os.close(output_writer)
        return Fork(
            pid=pid, channel=channel, remote_channel=remote_channel, output=output, exited=exited
        )

    def kill(self, pid: int) -> None:
        """Kills an environment. The fork server does it, because only a parent knows for certain
        that the pid still belongs to its child.
        """
        if self._control is not None and self._listener is not None:
            self._control.sendall(json.dumps({"kill": pid}).encode() + b"\n")

    def kill_all(self) -> None:
        """Kills the fork server. All environments end with it."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()

    async def _listen(self, control: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        incomplete = b""
        try:
            while data := await loop.sock_recv(control, 65536):
                *lines, incomplete = (incomplete + data).split(b"\n")
                for line in lines:
                    self._handle_message(json.loads(line))
        except ConnectionError:
            pass  # the fork server has ended, as at the end of file
        self._listener = None
        self._kill_children()
        if self._reply is not None and not self._reply.done():
            self._reply.set_exception(ForkServerFailed(f"the Lambda host died; see {self._log}"))
        self._on_loss()

    def _kill_children(self) -> None:
        """On Linux the kernel ends the children with their parent; on other systems it does not."""
        for pid, exited in self._exit_futures.items():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            exited.set_result(-signal.SIGKILL)
        self._exit_futures.clear()

    def _handle_message(self, message: dict[str, int]) -> None:
        if "exited" in message:
            self._exit_futures.pop(message["exited"]).set_result(message["status"])
            return
        exited: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        if "forked" in message:
            self._exit_futures[message["forked"]] = exited
        if self._reply is not None and not self._reply.done():
            self._reply.set_result((message.get("forked", 0), exited))


def _socket_pair() -> tuple[socket.socket, socket.socket]:
    channel, remote_channel = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    channel.setblocking(False)
    for end in (channel, remote_channel):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 18)
    return channel, remote_channel


def _process_environment() -> dict[str, str]:
    """Few variables, because each fork replaces them; and two that make a fork without exec safe on
    macOS.
    """
    inherited = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    return {
        **inherited,
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES",
        "no_proxy": "*",
    }
