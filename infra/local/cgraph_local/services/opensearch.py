"""OpenSearch: one node, in the place of the domain of infra/search.yaml.

It has no security plugin: who may reach its port may read what is indexed. It listens on 127.0.0.1,
and only runs where it is asked for.
"""

from __future__ import annotations

import asyncio
import http.client
import shutil
import signal
from collections.abc import Sequence
from pathlib import Path

from cgraph_local.core.home import Home
from cgraph_local.services.errors import ServiceFailed
from cgraph_local.services.java import find_java
from cgraph_local.services.open_copy import SHARED_FOLDER, copy_for_all, is_open_to_all
from cgraph_local.services.opensearch_files import PROGRAM, SOURCES, check_jars
from cgraph_local.services.ports import free_port
from cgraph_local.services.process import Command, StopSignals
from cgraph_local.services.service_user import check_traversable, service_user

MEMORY_MB = 512
JVM_OPTIONS = (
    *(f"-Xms{MEMORY_MB}m", f"-Xmx{MEMORY_MB}m", "-XX:+UseSerialGC"),
    "-XX:TieredStopAtLevel=1",  # half the CPU time of short runs
    *("-Djava.security.manager=allow", "-Djava.awt.headless=true", "-Dfile.encoding=UTF-8"),
    *("-Dlog4j2.disable.jmx=true", "-Dlog4j.shutdownHookEnabled=false", "-Djna.nosys=true"),
    *("-Dio.netty.noUnsafe=true", "-Dio.netty.noKeySetOptimization=true"),
    "-Xlog:disable",
    "-Xlog:all=error:stderr",
)
SETTINGS = {
    "network.host": "127.0.0.1",
    "cluster.name": "cgraph",
    "node.name": "local",
    "discovery.type": "single-node",
    "node.store.allow_mmap": "false",
    "cluster.routing.allocation.disk.threshold_enabled": "false",
}


class OpenSearch:
    name = "opensearch"
    start_seconds = 120.0
    stop_signals: StopSignals = ((signal.SIGTERM, 10.0),)

    def __init__(self, home: Home, *, program: Path = PROGRAM) -> None:
        self._folder = home.folder("opensearch")
        self._log = home.logs / "opensearch.log"
        self._program = program
        self.port = 0
        self._transport_port = 0

    def choose_ports(self) -> None:
        self.port, self._transport_port = free_port(), free_port()

    async def command(self) -> Command:
        java = await asyncio.to_thread(find_java)
        if not self._program.is_dir():
            raise ServiceFailed(self.name, reason="is not assembled yet: `make opensearch` does it")
        await asyncio.to_thread(check_jars, self._program)
        user = service_user(self._data, service=self.name)
        if user is not None:
            check_traversable(self._data, user=user, service=self.name)
        await asyncio.to_thread(self._prepare, user)
        program = await asyncio.to_thread(self._readable_program, user)
        return Command(
            program=java,
            arguments=self._arguments(program),
            log=self._log,
            user=user,
            environment={"HOME": str(self._folder)},
        )

    async def is_ready(self) -> bool:
        try:
            return await asyncio.to_thread(self._is_healthy)
        except (OSError, http.client.HTTPException):
            return False

    async def after_start(self) -> Sequence[str]:
        return []

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def _prepare(self, user: str | None) -> None:
        """The folders that it writes to, which are the user's own."""
        shutil.rmtree(self._folder / "tmp", ignore_errors=True)
        for name in ("config", "data", "logs", "tmp"):
            folder = self._folder / name
            folder.mkdir(mode=0o700, exist_ok=True)
            if user is not None:
                shutil.chown(folder, user)
        config = self._folder / "config"
        (config / "opensearch.yml").write_text("")
        shutil.copyfile(SOURCES / "log4j2.properties", config / "log4j2.properties")

    def _readable_program(self, user: str | None) -> Path:
        if user is None or is_open_to_all(self._program):
            return self._program
        copy = copy_for_all([self._program], service=self.name, into=SHARED_FOLDER)
        return copy / self._program.name

    def _arguments(self, program: Path) -> list[str]:
        settings = {
            **SETTINGS,
            "http.port": str(self.port),
            "transport.port": str(self._transport_port),
            "path.data": str(self._data),
            "path.logs": str(self._folder / "logs"),
        }
        properties = {
            "opensearch.path.home": program,
            "opensearch.path.conf": self._folder / "config",
            "java.io.tmpdir": self._folder / "tmp",
        }
        return [
            *JVM_OPTIONS,
            *(f"-D{name}={value}" for name, value in properties.items()),
            *("-cp", f"{program}/lib/*", "org.opensearch.bootstrap.OpenSearch"),
            *(f"-E{name}={value}" for name, value in settings.items()),
        ]

    def _is_healthy(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", "/_cluster/health")
            return connection.getresponse().status == 200
        finally:
            connection.close()
