"""The fork server: the process from which all execution environments are forked.

`python -m cgraph_local.host.fork_server FD MODULE…`, like multiprocessing's forkserver or Android's
zygote. It has imported the MODULEs, heavy third-party ones, and runs a single thread, so a fork is
quick and safe.
Messages on the control socket FD are JSON lines. It receives `{"fork": {…}}` (with two descriptors:
the environment's channel and its output), `{"image": {…}}` (with one: a control socket) and
`{"kill": pid}`. It sends `{"ready": pid}`, `{"forked": pid}` and `{"exited": pid, "status": n}`.
When the control socket closes, it ends its children and itself.

A code image is a fork that imports the code of layers and functions and then is a fork server
itself. Its environments have that code from the start; when it changes, a new image takes its
place.
"""

import contextlib
import ctypes
import io
import json
import os
import select
import signal
import socket
import sys
from pathlib import Path
from typing import Any, NoReturn

from cgraph_local.host.code_image import import_code
from cgraph_local.host.preload import preload
from cgraph_local.host.runtime import run_environment

PR_SET_PDEATHSIG = 1


class ForkServer:
    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._children: set[int] = set()
        self._wakeup_reader, self._wakeup_writer = os.pipe()
        os.set_blocking(self._wakeup_writer, False)
        os.set_blocking(self._wakeup_reader, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wakeup_writer)
        self._libc = ctypes.CDLL(None) if sys.platform == "linux" else None
        self._pid = os.getpid()

    def serve(self) -> None:
        """Returns when the host has closed the control socket and all children have ended."""
        self._send({"ready": self._pid})
        while True:
            readable = select.select([self._control.fileno(), self._wakeup_reader], [], [])[0]
            if self._wakeup_reader in readable:
                os.read(self._wakeup_reader, 4096)
                self._reap()
            if self._control.fileno() in readable and not self._handle_message():
                break
        for child in self._children:
            os.kill(child, signal.SIGKILL)
        for child in self._children:
            os.waitpid(child, 0)

    def _handle_message(self) -> bool:
        """Handles the requests that have arrived. False when the host has closed the socket."""
        data, descriptors, _, _ = socket.recv_fds(self._control, 1 << 20, 2)
        if not data:
            return False
        while not data.endswith(b"\n"):
            data += self._control.recv(1 << 20)
        for line in data.splitlines():
            request = json.loads(line)
            if "fork" in request:
                self._fork(request["fork"], channel=descriptors.pop(0), output=descriptors.pop(0))
            elif "image" in request:
                self._fork_image(request["image"], control=descriptors.pop(0))
            elif request["kill"] in self._children:
                os.kill(request["kill"], signal.SIGKILL)
        return True

    def _fork(self, request: dict[str, Any], *, channel: int, output: int) -> None:
        pid = os.fork()
        if pid == 0:
            self._become_environment(request, channel=channel, output=output)
        os.close(channel)
        os.close(output)
        self._children.add(pid)
        self._send({"forked": pid})

    def _fork_image(self, request: dict[str, Any], *, control: int) -> None:
        pid = os.fork()
        if pid == 0:
            self._become_image(request, control=control)
        os.close(control)
        self._children.add(pid)
        self._send({"forked": pid})

    def _become_image(self, request: dict[str, Any], *, control: int) -> NoReturn:
        status = 1
        try:
            self._release_parent_resources()
            import_code(**request)
            ForkServer(socket.socket(fileno=control)).serve()
            status = 0
        except BaseException:
            sys.excepthook(*sys.exc_info())
        finally:
            sys.stdout.flush()
            os._exit(status)

    def _become_environment(
        self, request: dict[str, Any], *, channel: int, output: int
    ) -> NoReturn:
        status = 1
        try:
            self._release_parent_resources()
            self._connect_output(output)
            run_environment(
                socket.socket(fileno=channel),
                variables=request["variables"],
                paths=request["paths"],
                reimport=request["reimport"],
            )
            status = 0
        except SystemExit as exit_:
            status = exit_.code if isinstance(exit_.code, int) else 1
        except BaseException:
            sys.excepthook(*sys.exc_info())
        finally:
            sys.stdout.flush()
            os._exit(status)

    def _release_parent_resources(self) -> None:
        """Closes the parent's descriptors and resets its signal handlers. On Linux the environment
        ends when its parent does.
        """
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._control.close()
        os.close(self._wakeup_reader)
        os.close(self._wakeup_writer)
        if self._libc is not None:
            self._libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != self._pid:
                os._exit(1)

    def _connect_output(self, output: int) -> None:
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.close(output)
        for name, descriptor in (("stdout", 1), ("stderr", 2)):
            raw = io.FileIO(descriptor, "w", closefd=False)
            text = io.TextIOWrapper(
                io.BufferedWriter(raw),
                encoding="utf-8",
                errors="backslashreplace",
                line_buffering=True,
            )
            setattr(sys, name, text)

    def _reap(self) -> None:
        """Reports the children that have ended."""
        while self._children:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            self._children.discard(pid)
            self._send({"exited": pid, "status": os.waitstatus_to_exitcode(status)})

    def _send(self, message: dict[str, int]) -> None:
        with contextlib.suppress(
            BrokenPipeError
        ):  # the host has ended: the next read returns nothing
            self._control.sendall(json.dumps(message).encode() + b"\n")


def remove_own_packages() -> None:
    """Removes the checkout's packages from `sys.path`: a function may import only what it can
    import on Lambda.
    """
    names = ("cgraph", "cgraph_client", "cgraph_local")
    sys.path[:] = [
        entry for entry in sys.path if not any((Path(entry) / name).is_dir() for name in names)
    ]


def main() -> None:
    control = socket.socket(fileno=int(sys.argv[1]))
    preload(sys.argv[2:])
    remove_own_packages()
    ForkServer(control).serve()


if __name__ == "__main__":
    main()
