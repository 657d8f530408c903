"""A streaming replica of the embedded Postgres, in the place of Aurora's readers."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Sequence
from pathlib import Path

from cgraph_local.core.home import Home
from cgraph_local.services.postgres import SETTINGS, Postgres
from cgraph_local.services.postgres_binaries import Binaries
from cgraph_local.services.process import Command
from cgraph_local.services.service_user import service_user

PRIMARY_SETTINGS = {"wal_level": "replica", "max_wal_senders": "4", "wal_keep_size": "256MB"}
"""What the primary needs for it. It keeps that much for a replica that is away."""

REPLICA_SETTINGS = {
    "hot_standby": "on",
    # The replica asks the primary after half of it, so it knows that it has missed nothing.
    "wal_receiver_timeout": "1s",
    "wal_receiver_status_interval": "1s",
    "wal_retrieve_retry_interval": "100ms",
    "max_standby_streaming_delay": "500ms",
}


class Replica(Postgres):
    """Copied from the primary when the local cloud starts; when it is killed meanwhile, it starts
    on what it has. The primary must run.
    """

    name = "replica"

    def __init__(self, home: Home) -> None:
        super().__init__(home, folder="replica")
        self._home = home
        self._is_copied = False

    async def command(self) -> Command:
        user = service_user(self._primary_data)
        binaries = await self._find_binaries(user)
        if not self._is_copied:
            await self._copy_primary(binaries, user)
        await asyncio.to_thread(self._data.terminate_orphan)
        return self._server_command(
            binaries, user, settings={**SETTINGS, **PRIMARY_SETTINGS, **REPLICA_SETTINGS}
        )

    async def after_start(self) -> Sequence[str]:
        return []

    async def _copy_primary(self, binaries: Binaries, user: str | None) -> None:
        await asyncio.to_thread(shutil.rmtree, self._data.path, ignore_errors=True)
        await self._data.create(
            user,
            program=binaries.folder / "pg_basebackup",
            arguments=[
                *("--host=127.0.0.1", f"--port={self._primary_port}", "--username=postgres"),
                *("--checkpoint=fast", "--write-recovery-conf", "--no-sync", "--no-manifest"),
            ],
            failure="could not copy Postgres",
            environment={"PGPASSWORD": self._credentials.password},
        )
        self._is_copied = True

    @property
    def _primary_data(self) -> Path:
        return self._home.folder("postgres") / "data"

    @property
    def _primary_port(self) -> int:
        return int((self._home.read_run() or {})["services"]["postgres"]["port"])
