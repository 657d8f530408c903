"""The process all execution environments are forked from: `python -m …fork_server FD`.

It has imported what is heavy and runs a single thread, so a fork is quick and safe. Over the
control socket it is told, one JSON line each, `{"fork": {…}}` (with two descriptors: the
environment's channel and its output) and `{"kill": pid}`; it tells `{"ready": …}`,
`{"forked": pid}` and `{"exited": pid, "status": n}`. When the control socket closes, it ends its
children and itself.
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

from cgraph_local.host.preload import preload
from cgraph_local.host.runtime import run_environment

PR_SET_PDEATHSIG = 1


class Zygote:
    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._children: set[int] = set()
        self._wake, self._waker = os.pipe()
        os.set_blocking(self._waker, False)
        os.set_blocking(self._wake, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._waker)
        self._libc = ctypes.CDLL(None) if sys.platform == "linux" else None
        self._pid = os.getpid()

    def serve(self) -> None:
        self._tell({"ready": self._pid})
        while True:
            readable = select.select([self._control.fileno(), self._wake], [], [])[0]
            if self._wake in readable:
                os.read(self._wake, 4096)
                self._reap()
            if self._control.fileno() in readable and not self._obey():
                break
        for child in self._children:
            os.kill(child, signal.SIGKILL)
        for child in self._children:
            os.waitpid(child, 0)

    def _obey(self) -> bool:
        """Carry out one order; False when the host is gone."""
        data, descriptors, _, _ = socket.recv_fds(self._control, 1 << 20, 2)
        if not data:
            return False
        while not data.endswith(b"\n"):
            data += self._control.recv(1 << 20)
        for line in data.splitlines():
            order = json.loads(line)
            if "fork" in order:
                self._fork(order["fork"], channel=descriptors.pop(0), output=descriptors.pop(0))
            elif order["kill"] in self._children:
                os.kill(order["kill"], signal.SIGKILL)
        return True

    def _fork(self, what: dict[str, Any], *, channel: int, output: int) -> None:
        pid = os.fork()
        if pid == 0:
            self._become_environment(what, channel=channel, output=output)
        os.close(channel)
        os.close(output)
        self._children.add(pid)
        self._tell({"forked": pid})

    def _become_environment(self, what: dict[str, Any], *, channel: int, output: int) -> NoReturn:
        status = 1
        try:
            self._let_go()
            self._connect_output(output)
            run_environment(
                socket.socket(fileno=channel), variables=what["variables"], paths=what["paths"]
            )
            status = 0
        except SystemExit as leaving:
            status = leaving.code if isinstance(leaving.code, int) else 1
        except BaseException:
            sys.excepthook(*sys.exc_info())
        finally:
            sys.stdout.flush()
            os._exit(status)

    def _let_go(self) -> None:
        """Keep nothing of the parent but its modules, and do not outlive it."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._control.close()
        os.close(self._wake)
        os.close(self._waker)
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
        while self._children:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            self._children.discard(pid)
            self._tell({"exited": pid, "status": os.waitstatus_to_exitcode(status)})

    def _tell(self, message: dict[str, int]) -> None:
        with contextlib.suppress(BrokenPipeError):  # the host is gone: the next read says so
            self._control.sendall(json.dumps(message).encode() + b"\n")


def hide_own_packages() -> None:
    """A function finds on its path what Lambda would give it, not the tools of the checkout."""
    own = ("cgraph", "cgraph_client", "cgraph_local")
    sys.path[:] = [
        entry for entry in sys.path if not any((Path(entry) / name).is_dir() for name in own)
    ]


def main() -> None:
    control = socket.socket(fileno=int(sys.argv[1]))
    preload()
    hide_own_packages()
    Zygote(control).serve()


if __name__ == "__main__":
    main()
