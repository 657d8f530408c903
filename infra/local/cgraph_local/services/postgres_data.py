"""The data folder of a Postgres, and the programs that run on it."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from uuid import uuid4

from cgraph_local.core.process_identity import ProcessIdentity
from cgraph_local.services.errors import ServiceFailed
from cgraph_local.services.orphans import terminate_orphan
from cgraph_local.services.postgres_binaries import Binaries
from cgraph_local.services.process import Command, Process
from cgraph_local.services.service_user import check_traversable


class DataFolder:
    """`service`: the name in errors. A `user` below is another one that the program runs as."""

    def __init__(self, path: Path, *, log: Path, service: str) -> None:
        self.path = path
        self._log = log
        self._service = service

    async def create(
        self,
        user: str | None,
        *,
        program: Path,
        arguments: Sequence[str],
        failure: str,
        descriptors: tuple[int, ...] = (),
        environment: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Lets the program fill the folder under a temporary name, so that a start that is killed
        leaves no incomplete one. Each start has a name of its own, because processes of a killed
        start may still write. Raises ServiceFailed with the reason `failure`.
        """
        for leftover in self.path.parent.glob("data.new-*"):
            await asyncio.to_thread(shutil.rmtree, leftover, ignore_errors=True)
        temporary = self.path.with_name(f"data.new-{uuid4().hex}")
        temporary.mkdir(mode=0o700)
        if user is not None:
            shutil.chown(temporary, user)
        command = self.command(
            user,
            program=program,
            arguments=arguments,
            folder=temporary,
            descriptors=descriptors,
            environment=environment,
        )
        await self._run(command, failure=failure)
        temporary.rename(self.path)

    async def _run(self, command: Command, *, failure: str) -> None:
        process = await Process.start(command)
        try:
            code = await process.wait()
        finally:
            await process.terminate([(signal.SIGTERM, 5.0)])
        if code != 0:
            raise ServiceFailed(self._service, reason=failure, log=self._log, tail=process.output())

    def command(
        self,
        user: str | None,
        *,
        program: Path,
        arguments: Sequence[str],
        folder: Path | None = None,
        descriptors: tuple[int, ...] = (),
        environment: Mapping[str, str] = MappingProxyType({}),
    ) -> Command:
        """`folder`: another one than this. The descriptors are closed in this process when the
        command has started.
        """
        data = folder or self.path
        argument = str(data)
        if user is not None and sys.platform != "linux":
            check_traversable(data, user=user)
        elif user is not None:
            # The other user cannot traverse a closed folder on the path to the home. It can use the
            # data folder itself through an open descriptor.
            descriptor = os.open(data, os.O_RDONLY | os.O_DIRECTORY)
            descriptors = (*descriptors, descriptor)
            argument = f"/proc/self/fd/{descriptor}"
        return Command(
            program=program,
            arguments=["-D", argument, *arguments],
            log=self._log,
            environment=environment,
            user=user,
            descriptors=descriptors,
            signal_on_parent_death=signal.SIGINT,
        )

    def check(self, binaries: Binaries) -> None:
        """Raises ServiceFailed where these binaries cannot read the data, or the data is open to
        everybody.
        """
        data_version = (self.path / "PG_VERSION").read_text().strip()
        if data_version != str(binaries.major):
            raise ServiceFailed(
                self._service,
                reason=f"{binaries.major} cannot read {self.path}, which Postgres {data_version} "
                "created. Run that version (PG_BINDIR=…), or start empty: "
                f"rm -r {self.path.parent}",
            )
        if " trust\n" in (self.path / "pg_hba.conf").read_text():
            raise ServiceFailed(
                self._service,
                reason=f"would ask nobody for a password: an earlier CGraph created {self.path}. "
                f"Start empty: rm -r {self.path.parent}",
            )

    def terminate_orphan(self) -> None:
        """Ends a postmaster of an earlier run and removes its pid file, because Postgres does not
        start while another process has that pid.
        """
        file = self.path / "postmaster.pid"
        try:
            lines = file.read_text().splitlines()
        except FileNotFoundError:
            return
        with suppress(IndexError, ValueError):
            identity = ProcessIdentity(pid=int(lines[0]), started=float(lines[2]))
            terminate_orphan(identity, signals=[signal.SIGINT, signal.SIGQUIT])
        file.unlink(missing_ok=True)
