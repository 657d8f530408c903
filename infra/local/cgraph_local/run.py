"""`cgraph run`: the whole system, in the foreground, until a signal."""

import asyncio
import signal
import socket
import sys

import psutil
import uvloop

from cgraph_local.cloud import Cloud
from cgraph_local.demo import PASSWORD, PEOPLE
from cgraph_local.home import Home, HomeUnavailable
from cgraph_local.host.forker import ForkerFailed
from cgraph_local.migrations import MigrationRefused
from cgraph_local.progress import Progress
from cgraph_local.readiness import NotReady
from cgraph_local.reload import follow_changes
from cgraph_local.running import NotRunning, Refused
from cgraph_local.services import ServiceFailed
from cgraph_local.template import TemplateRefused

EXPECTED = (
    *(ForkerFailed, NotReady, NotRunning, OSError, Refused, ServiceFailed),
    TemplateRefused,
    ValueError,
)
"""Failures whose text says what a person needs; any other is a defect and shows its traceback."""


class PortTaken(Exception):
    """Somebody else listens there."""


def run(home: Home, *, port: int) -> int:
    """The exit status."""
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
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise PortTaken(
                f"Port {port} of 127.0.0.1 is not free{_holder(port)} ({error.strerror}).\n"
                f"Choose another one: CGRAPH_PORT={port + 1} make run"
            ) from error


async def _run(home: Home, *, port: int, progress: Progress) -> int:
    cloud = Cloud(home, port=port, progress=progress)
    serving = asyncio.create_task(_serve(cloud, progress=progress))
    _stop_on_signals(serving, cloud=cloud, progress=progress)
    status = 0
    try:
        await asyncio.wait([serving])
        if not serving.cancelled():
            status = _report(serving.exception(), home=home)
    finally:
        await cloud.stop()
    progress.say("stopped")
    return status


async def _serve(cloud: Cloud, *, progress: Progress) -> None:
    """Ends by a signal, or by what went wrong."""
    await cloud.start()
    progress.say("ready")
    print(greeting(cloud.address), flush=True)
    following = asyncio.create_task(follow_changes(cloud))
    failing = asyncio.create_task(cloud.wait_failed())
    try:
        await asyncio.wait([following, failing], return_when=asyncio.FIRST_COMPLETED)
        if failing.done():
            raise failing.result()
        following.result()
    finally:
        following.cancel()
        failing.cancel()
        await asyncio.wait([following, failing])


def greeting(address: str) -> str:
    names = " and ".join(PEOPLE)
    chats = "\n".join(f"      .venv/bin/cgraph chat {name}" for name in PEOPLE)
    return f"""
  CGraph answers at {address}  (its API: {address}/docs)
  Two people are there, {names} (password: {PASSWORD}). Let them talk, each in a terminal:
{chats}
  Ctrl-C stops everything; code changes take effect at once.
"""


def _stop_on_signals(serving: "asyncio.Task[None]", *, cloud: Cloud, progress: Progress) -> None:
    asked = False

    def stop() -> None:
        nonlocal asked
        if asked:
            cloud.hurry()
            return
        asked = True
        progress.say("stopping (once more: at once)")
        serving.cancel()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)


def _report(error: BaseException | None, *, home: Home) -> int:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if error is None:
        return 0
    if not isinstance(error, EXPECTED):
        raise error
    print(f"\n{error}\nThe logs are in {home.logs}", file=sys.stderr)
    return 1


def _holder(port: int) -> str:
    """Who it is, where the system lets us know."""
    try:
        for connection in psutil.net_connections("tcp"):
            is_it = connection.laddr and connection.laddr.port == port
            if is_it and connection.status == psutil.CONN_LISTEN and connection.pid is not None:
                name = psutil.Process(connection.pid).name()
                return f": process {connection.pid} ({name}) has it"
    except psutil.Error:
        pass  # not ours to see
    return ""
