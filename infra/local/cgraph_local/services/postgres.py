"""PostgreSQL. It is started here and not by the package's launcher, which needs a socket folder and
creates users.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from tempfile import NamedTemporaryFile
from types import MappingProxyType

import psycopg

from cgraph_local.core.credentials import Credentials
from cgraph_local.core.home import Home
from cgraph_local.services import postgres_binaries
from cgraph_local.services.errors import ServiceFailed
from cgraph_local.services.ports import free_port
from cgraph_local.services.postgres_binaries import Binaries
from cgraph_local.services.postgres_data import DataFolder
from cgraph_local.services.process import Command, StopSignals
from cgraph_local.services.service_user import service_user

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "max_wal_size": "512MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "fsync": "on",
    "synchronous_commit": "on",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "log_min_duration_statement": "1s",
    "log_line_prefix": "%m [%p] %u@%d ",
}
ROLE_SETTINGS = {
    "statement_timeout": "15s",
    "idle_in_transaction_session_timeout": "30s",
    "timezone": "UTC",
}
EXTENSIONS = {"btree_gin", "citext", "ltree", "pg_stat_statements", "pg_trgm", "unaccent", "vector"}


class Postgres:
    name = "postgres"
    start_seconds = 30.0
    # Fast shutdown, then immediate shutdown.
    stop_signals: StopSignals = ((signal.SIGINT, 15.0), (signal.SIGQUIT, 5.0))

    def __init__(
        self,
        home: Home,
        *,
        folder: str = "postgres",
        more_settings: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._folder = home.folder(folder)
        self._log = home.logs / f"{folder}.log"
        self._data = DataFolder(self._folder / "data", log=self._log, service=self.name)
        self._more_settings = more_settings
        self._credentials = Credentials.of(home)
        self._binaries: Binaries | None = None
        self.port = 0

    def choose_ports(self) -> None:
        self.port = free_port()

    async def command(self) -> Command:
        user = service_user(self._data.path)
        binaries = await self._find_binaries(user)
        if not self._data.path.exists():
            await self._initialise(binaries, user)
        self._data.check(binaries)
        await asyncio.to_thread(self._data.terminate_orphan)
        return self._server_command(binaries, user, settings={**SETTINGS, **self._more_settings})

    async def is_ready(self) -> bool:
        try:
            connection = await self._connect("postgres")
        except psycopg.OperationalError:
            return False
        await connection.close()
        return True

    async def after_start(self) -> Sequence[str]:
        """Creates the role and the database when they are missing. The notices name missing
        extensions.
        """
        try:
            extensions = await self._create_database()
        except psycopg.Error as error:
            raise ServiceFailed(
                self.name, reason=f"refused to create the database: {error}", log=self._log
            ) from error
        return self._notices(extensions)

    async def _create_database(self) -> set[str]:
        async with await self._connect("postgres") as server:
            await self._create_role(server)
            rows = await server.execute("SELECT 1 FROM pg_database WHERE datname = 'cgraph'")
            if await rows.fetchone() is None:
                await server.execute("CREATE DATABASE cgraph OWNER cgraph")
            available = await server.execute("SELECT name FROM pg_available_extensions")
            names = {str(row[0]) for row in await available.fetchall()}
        if "pg_stat_statements" in names:
            async with await self._connect("cgraph") as database:
                await database.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        return names

    async def _create_role(self, server: psycopg.AsyncConnection[tuple[object, ...]]) -> None:
        rows = await server.execute("SELECT 1 FROM pg_roles WHERE rolname = 'cgraph'")
        if await rows.fetchone() is None:
            if server.info.server_version >= 160_000:
                # 4,096 would take 3 ms for each connection, and a random key needs none
                await server.execute("SET scram_iterations = 1")
            statement = psycopg.sql.SQL("CREATE ROLE cgraph LOGIN PASSWORD {}")
            await server.execute(statement.format(self._credentials.password))
        for name, value in ROLE_SETTINGS.items():
            statement = psycopg.sql.SQL("ALTER ROLE cgraph SET {} = {}")
            await server.execute(statement.format(psycopg.sql.Identifier(name), value))
        await server.execute("GRANT pg_read_all_stats TO cgraph")  # for streaming_lag_ms()

    def _notices(self, extensions: set[str]) -> list[str]:
        binaries = self._binaries
        assert binaries is not None
        if binaries.origin == "package":
            return []
        missing = sorted(EXTENSIONS - extensions)
        without = f", without {', '.join(missing)}" if missing else ""
        return [f"postgres {binaries.major} from {binaries.folder}{without}"]

    async def _connect(self, database: str) -> psycopg.AsyncConnection[tuple[object, ...]]:
        return await psycopg.AsyncConnection.connect(
            host="127.0.0.1", port=self.port, user="postgres", dbname=database,
            passfile=str(self._credentials.passfile), autocommit=True, connect_timeout=5,
        )  # fmt: skip

    async def _find_binaries(self, user: str | None) -> Binaries:
        if self._binaries is None:
            found = await asyncio.to_thread(postgres_binaries.find_binaries)
            self._binaries = await asyncio.to_thread(postgres_binaries.readable_by, user, found)
        return self._binaries

    def _server_command(
        self, binaries: Binaries, user: str | None, *, settings: Mapping[str, str]
    ) -> Command:
        settings = {**settings, **self._settings_of(binaries), "port": str(self.port)}
        arguments = [f"--{name}={value}" for name, value in settings.items()]
        return self._data.command(user, program=binaries.postgres, arguments=arguments)

    def _settings_of(self, binaries: Binaries) -> dict[str, str]:
        settings = {}
        if binaries.major >= 18:
            # Worker processes for I/O cost memory and do not help a small database.
            settings["io_method"] = "sync"
        if binaries.has_library("pg_stat_statements"):
            settings["shared_preload_libraries"] = "pg_stat_statements"
        return settings

    async def _initialise(self, binaries: Binaries, user: str | None) -> None:
        with self._password_file(user) as (file, descriptors):
            await self._data.create(
                user,
                program=binaries.initdb,
                arguments=[*initdb_arguments(binaries), f"--pwfile={file}"],
                failure="could not create its data",
                descriptors=descriptors,
            )

    @contextmanager
    def _password_file(self, user: str | None) -> Iterator[tuple[str, tuple[int, ...]]]:
        """For initdb, which runs as `user`: the path of a file with the password, and the
        descriptors that the path needs.
        """
        with NamedTemporaryFile("w", dir=self._folder) as file:
            file.write(self._credentials.password)
            file.flush()
            if user is None:
                yield file.name, ()
                return
            shutil.chown(file.name, user)
            descriptor = os.open(file.name, os.O_RDONLY)
            on_linux = sys.platform == "linux"  # as for the data folder
            yield f"/proc/self/fd/{descriptor}" if on_linux else file.name, (descriptor,)


def initdb_arguments(binaries: Binaries) -> list[str]:
    if binaries.major >= 17:
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    else:
        locale = ["--locale=C" if sys.platform == "darwin" else "--locale=C.UTF-8"]
    return [
        "-U",
        "postgres",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--no-instructions",
        *locale,
    ]
