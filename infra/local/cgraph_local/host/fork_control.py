"""The host's end of a control socket: asks for execution environments and for code images."""

import asyncio
import contextlib
import json
import os
import signal
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

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


class ForkControl:
    """Of the fork server, or of a code image. `log`: where the process writes. `on_loss` is called
    with it when the process has ended by itself.
    """

    def __init__(
        self, control: socket.socket, *, log: Path, on_loss: Callable[["ForkControl"], None]
    ) -> None:
        self.exited: asyncio.Future[int] | None = None
        """Of a code image: set when its process has ended."""
        self._control = control
        self._log = log
        self._on_loss = on_loss
        self._exit_futures: dict[int, asyncio.Future[int]] = {}
        self._reply: asyncio.Future[tuple[int, asyncio.Future[int]]]
        self._reply = asyncio.get_running_loop().create_future()
        self._lock = asyncio.Lock()
        self._is_open = True
        self._listener = asyncio.create_task(self._listen())

    @property
    def has_children(self) -> bool:
        return bool(self._exit_futures)

    async def wait_ready(self) -> None:
        """Raises ForkServerFailed."""
        try:
            await asyncio.wait_for(self._reply, START_SECONDS)
        except TimeoutError:
            raise ForkServerFailed(f"the Lambda host did not start; see {self._log}") from None

    async def close(self) -> None:
        """The process ends its children and itself."""
        self._is_open = False
        self._listener.cancel()
        await asyncio.wait([self._listener])
        self._control.close()

    async def fork(
        self, *, variables: Mapping[str, str], paths: list[str], reimport: bool = False
    ) -> Fork:
        """Forks an execution environment. Raises ForkServerFailed, OSError.

        `variables`: its environment variables; `paths`: go to the front of its `sys.path`.
        `reimport`: the module of its handler has changed.
        """
        channel, remote_channel = socket_pair()
        output, output_writer = os.pipe()
        request = {"fork": {"variables": dict(variables), "paths": paths, "reimport": reimport}}
        try:
            pid, exited = await self._ask(request, [remote_channel.fileno(), output_writer])
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

    async def fork_image(
        self,
        *,
        variables: Mapping[str, str],
        code: Path,
        layers: Sequence[Path],
        handlers: Sequence[str],
        on_loss: Callable[["ForkControl"], None],
    ) -> "ForkControl":
        """Returns when it has imported that code: see `import_code`. Raises ForkServerFailed,
        OSError.
        """
        control, remote_control = socket_pair()
        request = {
            "image": {
                "variables": dict(variables),
                "code": str(code),
                "layers": [str(layer) for layer in layers],
                "handlers": list(handlers),
            }
        }
        image = ForkControl(control, log=self._log, on_loss=on_loss)
        try:
            with remote_control:
                _, image.exited = await self._ask(request, [remote_control.fileno()])
            await image.wait_ready()
        except BaseException:
            await image.close()
            raise
        return image

    def kill(self, pid: int) -> None:
        """Kills a child. The fork server does it, because only a parent knows for certain that the
        pid still belongs to its child.
        """
        if self._is_open and pid in self._exit_futures:
            self._control.sendall(json.dumps({"kill": pid}).encode() + b"\n")

    async def _ask(
        self, request: Mapping[str, object], descriptors: Sequence[int]
    ) -> tuple[int, asyncio.Future[int]]:
        """Of the process that was forked: its pid, and its exit code once it has one."""
        async with self._lock:
            if not self._is_open:
                raise ForkServerFailed("the Lambda host is stopping")
            self._reply = asyncio.get_running_loop().create_future()
            message = json.dumps(request).encode() + b"\n"
            socket.send_fds(self._control, [message], descriptors)
            return await self._reply

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        incomplete = b""
        try:
            while data := await loop.sock_recv(self._control, 65536):
                *lines, incomplete = (incomplete + data).split(b"\n")
                for line in lines:
                    self._handle_message(json.loads(line))
        except ConnectionError:
            pass  # the process has ended, as at the end of file
        self._is_open = False
        self._control.close()
        self._kill_children()
        if not self._reply.done():
            self._reply.set_exception(ForkServerFailed(f"the Lambda host died; see {self._log}"))
        self._on_loss(self)

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
        if not self._reply.done():
            self._reply.set_result((message.get("forked", 0), exited))


def socket_pair() -> tuple[socket.socket, socket.socket]:
    channel, remote_channel = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    channel.setblocking(False)
    for end in (channel, remote_channel):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 18)
    return channel, remote_channel
