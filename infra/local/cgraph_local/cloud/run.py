"""`cgraph run`: runs the whole system in the foreground until a signal stops it."""

import asyncio
import signal
import socket
import sys

import psutil
import uvloop

from cgraph_local.cloud.local_cloud import LocalCloud
from cgraph_local.cloud.readiness import NotReady
from cgraph_local.core.home import Home, HomeUnavailable
from cgraph_local.core.progress import Progress
from cgraph_local.core.running_cloud import NotRunning, RequestFailed
from cgraph_local.demo.accounts import DEMO_PASSWORD, DEMO_USERNAMES
from cgraph_local.host.fork_control import ForkServerFailed
from cgraph_local.migrations import MigrationRefused
from cgraph_local.reload import follow_changes
from cgraph_local.services import ServiceFailed
from cgraph_local.template import TemplateRefused

EXPECTED_ERRORS = (
    *(ForkServerFailed, NotReady, NotRunning, OSError, RequestFailed, ServiceFailed),
    TemplateRefused,
    ValueError,
)
"""Their messages say what to do. Any other error is a defect, so its traceback is printed."""


class PortTaken(Exception):
    """Another process listens on the port."""


def run(home: Home, *, port: int) -> int:
    """Returns the exit status."""
    progress = Progress()
    try:
        with home.lock():
            check_port(port)
            home.write_run({"port": port})
            return uvloop.run(_run(home, port=port, progress=progress))
    except (MigrationRefused, HomeUnavailable, PortTaken) as error:
        print(error, file=sys.stderr)
        return 1


def check_port(port: int) -> None:
    """Raises PortTaken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise PortTaken(
                f"Port {port} of 127.0.0.1 is not free{_port_owner(port)} ({error.strerror}).\n"
                f"Choose another one: CGRAPH_PORT={port + 1} make run"
            ) from error


async def _run(home: Home, *, port: int, progress: Progress) -> int:
    try:
        cloud = LocalCloud(home, port=port, progress=progress)
    except ValueError as error:  # a variable of the environment
        print(error, file=sys.stderr)
        return 2
    serving = asyncio.create_task(_serve(cloud, progress=progress))
    _stop_on_signals(serving, cloud=cloud, progress=progress)
    status = 0
    try:
        await asyncio.wait([serving])
        if not serving.cancelled():
            status = _report(serving.exception(), home=home)
    finally:
        await cloud.stop()
    progress.print("stopped")
    return status


async def _serve(cloud: LocalCloud, *, progress: Progress) -> None:
    """Returns only when it is cancelled, which a signal does. Raises what went wrong."""
    await cloud.start()
    progress.print("ready")
    print(greeting(cloud.address), flush=True)
    watcher = asyncio.create_task(follow_changes(cloud))
    failure = asyncio.create_task(cloud.wait_failed())
    try:
        await asyncio.wait([watcher, failure], return_when=asyncio.FIRST_COMPLETED)
        if failure.done():
            raise failure.result()
        watcher.result()
    finally:
        watcher.cancel()
        failure.cancel()
        await asyncio.wait([watcher, failure])


def greeting(address: str) -> str:
    names = " and ".join(DEMO_USERNAMES)
    chats = "\n".join(f"      .venv/bin/cgraph chat {name}" for name in DEMO_USERNAMES)
    return f"""
  CGraph answers at {address}  (its API: {address}/docs)
  There are two demo accounts, {names} (password: {DEMO_PASSWORD}). To let them chat, run each of
  these commands in a terminal of its own:
{chats}
  Ctrl-C stops everything; code changes take effect at once.
"""


def _stop_on_signals(
    serving: "asyncio.Task[None]", *, cloud: LocalCloud, progress: Progress
) -> None:
    is_stopping = False

    def stop() -> None:
        nonlocal is_stopping
        if is_stopping:
            cloud.kill_functions()
            return
        is_stopping = True
        progress.print("stopping (press Ctrl-C again to stop at once)")
        serving.cancel()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)


def _report(error: BaseException | None, *, home: Home) -> int:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if error is None:
        return 0
    if not isinstance(error, EXPECTED_ERRORS):
        raise error
    print(f"\n{error}\nThe logs are in {home.logs}", file=sys.stderr)
    return 1


def _port_owner(port: int) -> str:
    """Names the process that listens on the port, where the system allows to see it."""
    try:
        for connection in psutil.net_connections("tcp"):
            is_this_port = connection.laddr and connection.laddr.port == port
            if (
                is_this_port
                and connection.status == psutil.CONN_LISTEN
                and connection.pid is not None
            ):
                name = psutil.Process(connection.pid).name()
                return f": process {connection.pid} ({name}) has it"
    except psutil.Error:
        pass  # connections of other users are not visible on every system
    return ""
