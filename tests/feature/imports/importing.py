"""Imports as the command makes them, in the tests' own database."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from psycopg import Connection

from cgraph_local.core.progress import Progress
from cgraph_local.imports.connection import import_connection
from cgraph_local.imports.report import Report, new_report
from cgraph_local.imports.slack import export_import
from cgraph_local.imports.slack.export_import import SlackImport
from cgraph_local.imports.stackexchange import loading
from cgraph_local.imports.stackexchange.comparison import Comparison
from cgraph_local.imports.stackexchange.dump_import import StackExchangeImport, Target
from cgraph_local.imports.uploads import Bucket
from tests.aws import aws_client
from tests.feature.uploads.files import BUCKET
from tests.feature.world import Person, World

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Importing:
    """`report`: the file of the last import."""

    world: World
    report: Path

    async def stack_exchange(
        self, folder: Path, slug: str, *, owner: Person
    ) -> loading.ImportCounts:
        return await self._run(lambda *where: _dump(folder, slug, owner, *where).run())

    async def check(self, folder: Path, slug: str, *, owner: Person) -> list[Comparison]:
        return await self._run(lambda *where: list(_dump(folder, slug, owner, *where).check()))

    async def slack(
        self, path: Path, *, owner: Person | None = None, bucket: str = BUCKET
    ) -> export_import.ImportCounts:
        name = owner.username if owner else None
        return await self._run(
            lambda connection, report: SlackImport(
                connection, path, name, self._bucket(bucket), report, Progress(stream=None)
            ).run()
        )

    def _bucket(self, name: str) -> Bucket:
        endpoints = self.world.endpoints
        return Bucket(
            aws_client("s3", url=endpoints.emulator_url, credentials=endpoints.credentials), name
        )

    def reasons(self) -> dict[str, int]:
        lines = self.report.read_text(encoding="utf-8").splitlines()
        return dict(Counter(json.loads(line)["reason"] for line in lines))

    async def _run(self, work: Callable[[Connection[Any], Report], Result]) -> Result:
        def run() -> Result:
            with (
                import_connection(self.world.endpoints.conninfo) as connection,
                new_report(self.report) as report,
            ):
                return work(connection, report)

        return await asyncio.to_thread(run)


def _dump(
    folder: Path, slug: str, owner: Person, connection: Connection[Any], report: Report
) -> StackExchangeImport:
    target = Target(slug, "Tea", owner.username, "https://tea.example")
    return StackExchangeImport(connection, folder, target, report, Progress(stream=None))
