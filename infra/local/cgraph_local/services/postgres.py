"""PostgreSQL: its own launcher, because the package's needs a socket folder and makes users."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import signal
import stat
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import psycopg

from cgraph_local.core.home import Home
from cgraph_local.core.process_identity import Trace
from cgraph_local.services import orphans, postgres_binaries
from cgraph_local.services.errors import ServiceFailed
from cgraph_local.services.ports import free_port
from cgraph_local.services.postgres_binaries import Binaries
from cgraph_local.services.process import Command, Process, StopSignals

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
    # Fast shutdown, then immediate.
    stop_signals: StopSignals = ((signal.SIGINT, 15.0), (signal.SIGQUIT, 5.0))

    def __init__(self, home: Home) -> None:
        self._folder = home.folder("postgres")
        self._data = self._folder / "data"
        self._log = home.logs / "postgres.log"
        self._binaries: Binaries | None = None
        self.port = 0

    def choose_ports(self) -> None:
        self.port = free_port()

    async def command(self) -> Command:
        user = service_user(self._data)
        binaries = await self._find_binaries(user)
        if not self._data.exists():
            await self._initialise(binaries, user)
        self._check_version(binaries)
        await asyncio.to_thread(self._end_leftover)
        settings = {**SETTINGS, **self._settings_of(binaries), "port": str(self.port)}
        return self._as_user(
            user,
            program=binaries.postgres,
            data=self._data,
            arguments=[f"--{name}={value}" for name, value in settings.items()],
        )

    async def is_ready(self) -> bool:
        try:
            connection = await self._connect("postgres")
        except psycopg.OperationalError:
            return False
        await connection.close()
        return True

    async def settle(self) -> Sequence[str]:
        """Makes the role and the database where they are missing; names what this server lacks."""
        try:
            extensions = await self._make_database()
        except psycopg.Error as error:
            raise ServiceFailed(
                self.name, why=f"refused to make the database: {error}", log=self._log
            ) from error
        return self._notes(extensions)

    async def _make_database(self) -> set[str]:
        async with await self._connect("postgres") as server:
            await self._make_role(server)
            found = await server.execute("SELECT 1 FROM pg_database WHERE datname = 'cgraph'")
            if await found.fetchone() is None:
                await server.execute("CREATE DATABASE cgraph OWNER cgraph")
            available = await server.execute("SELECT name FROM pg_available_extensions")
            names = {str(row[0]) for row in await available.fetchall()}
        if "pg_stat_statements" in names:
            async with await self._connect("cgraph") as database:
                await database.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        return names

    async def _make_role(self, server: psycopg.AsyncConnection[tuple[object, ...]]) -> None:
        found = await server.execute("SELECT 1 FROM pg_roles WHERE rolname = 'cgraph'")
        if await found.fetchone() is None:
            await server.execute("CREATE ROLE cgraph LOGIN")
        for name, value in ROLE_SETTINGS.items():
            statement = psycopg.sql.SQL("ALTER ROLE cgraph SET {} = {}")
            await server.execute(statement.format(psycopg.sql.Identifier(name), value))

    def _notes(self, extensions: set[str]) -> list[str]:
        binaries = self._binaries
        assert binaries is not None
        if binaries.origin == "package":
            return []
        lost = sorted(EXTENSIONS - extensions)
        without = f", without {', '.join(lost)}" if lost else ""
        return [f"postgres {binaries.major} from {binaries.folder}{without}"]

    async def _connect(self, database: str) -> psycopg.AsyncConnection[tuple[object, ...]]:
        return await psycopg.AsyncConnection.connect(
            host="127.0.0.1", port=self.port, user="postgres", dbname=database,
            autocommit=True, connect_timeout=5,
        )  # fmt: skip

    async def _find_binaries(self, user: str | None) -> Binaries:
        if self._binaries is None:
            found = await asyncio.to_thread(postgres_binaries.find)
            self._binaries = await asyncio.to_thread(postgres_binaries.readable_by, user, found)
        return self._binaries

    def _settings_of(self, binaries: Binaries) -> dict[str, str]:
        settings = {}
        if binaries.major >= 18:
            # No reader processes: they cost memory, and a small database has no use for them.
            settings["io_method"] = "sync"
        if binaries.has_library("pg_stat_statements"):
            settings["shared_preload_libraries"] = "pg_stat_statements"
        return settings

    async def _initialise(self, binaries: Binaries, user: str | None) -> None:
        """Under another name first, so a start that was killed leaves no half-made data. Each has a
        name of its own: what the killed one started may still be writing.
        """
        for left in self._data.parent.glob("data.new-*"):
            await asyncio.to_thread(shutil.rmtree, left, ignore_errors=True)
        fresh = self._data.with_name(f"data.new-{uuid4().hex}")
        fresh.mkdir(mode=0o700)
        if user is not None:
            shutil.chown(fresh, user)
        command = self._as_user(
            user, program=binaries.initdb, data=fresh, arguments=initdb_arguments(binaries)
        )
        process = await Process.start(command)
        try:
            code = await process.wait()
        finally:
            await process.end([(signal.SIGTERM, 5.0)])
        if code != 0:
            raise ServiceFailed(
                self.name, why="could not make its data", log=self._log, tail=process.output()
            )
        fresh.rename(self._data)

    def _check_version(self, binaries: Binaries) -> None:
        made_by = (self._data / "PG_VERSION").read_text().strip()
        if made_by != str(binaries.major):
            raise ServiceFailed(
                self.name,
                why=f"{binaries.major} cannot read {self._data}, which Postgres {made_by} made. "
                f"Run that one (PG_BINDIR=…), or start afresh: rm -r {self._folder}",
            )

    def _end_leftover(self) -> None:
        """Ends a postmaster that outlived its run; without it a reused pid blocks the start."""
        file = self._data / "postmaster.pid"
        try:
            lines = file.read_text().splitlines()
        except FileNotFoundError:
            return
        with suppress(IndexError, ValueError):
            trace = Trace(pid=int(lines[0]), started=float(lines[2]))
            orphans.end(trace, signals=[signal.SIGINT, signal.SIGQUIT])
        file.unlink(missing_ok=True)

    def _as_user(
        self, user: str | None, *, program: Path, data: Path, arguments: Sequence[str]
    ) -> Command:
        descriptors: tuple[int, ...] = ()
        place = str(data)
        if user is not None and sys.platform != "linux":
            check_open(data, user=user)
        elif user is not None:
            # The other user may not walk the path to a home in a closed folder, but may use the
            # folder itself once it is handed to it open.
            descriptors = (os.open(data, os.O_RDONLY | os.O_DIRECTORY),)
            place = f"/proc/self/fd/{descriptors[0]}"
        return Command(
            program=program,
            arguments=["-D", place, *arguments],
            log=self._log,
            user=user,
            descriptors=descriptors,
            signal_on_parent_death=signal.SIGINT,
        )


def initdb_arguments(binaries: Binaries) -> list[str]:
    if binaries.major >= 17:
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    else:
        locale = ["--locale=C" if sys.platform == "darwin" else "--locale=C.UTF-8"]
    return ["-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-instructions", *locale]


def service_user(data: Path) -> str | None:
    """Postgres refuses root: then the user its data belongs to, or one every system has."""
    if os.geteuid() != 0:
        return None
    owner = data.stat().st_uid if data.exists() else 0
    if owner != 0:
        return pwd.getpwuid(owner).pw_name
    known = {entry.pw_name for entry in pwd.getpwall()}
    for name in ("nobody", "daemon"):
        if name in known:
            return name
    raise ServiceFailed(
        "postgres", why="does not run as root, and there is no user nobody; run as another user"
    )


def check_open(data: Path, *, user: str) -> None:
    for folder in reversed(data.parents):
        if not folder.stat().st_mode & stat.S_IXOTH:
            raise ServiceFailed(
                "postgres",
                why=f"runs as user {user} when root starts it, and {folder} is closed to that "
                "user; do not run as root, or choose an open home: CGRAPH_HOME=/path make run",
            )
