"""`cgraph import stackexchange FOLDER --forum SLUG`, `cgraph import slack EXPORT.zip`"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import psycopg

from cgraph_local.core.home import Home
from cgraph_local.core.progress import Progress
from cgraph_local.core.running_cloud import RunningCloud
from cgraph_local.imports.forum import CannotImport
from cgraph_local.imports.report import Report, new_report
from cgraph_local.imports.slack.export_import import ExportImport
from cgraph_local.imports.stackexchange.dump_import import DumpImport, Target
from cgraph_local.imports.stackexchange.xml_rows import EntityDeclared
from cgraph_local.services import Endpoints

OPTIONS = "-c statement_timeout=0 -c lock_timeout=10s"
"""A statement over a whole stage may take longer than one of a function."""


def main(arguments: argparse.Namespace) -> int:
    home = Home.from_environment()
    port = RunningCloud(home).service_port("postgres")
    conninfo = Endpoints(postgres_port=port, valkey_port=0, emulator_port=0).conninfo
    try:
        with (
            connected(conninfo) as connection,
            new_report(home.folder("imports") / f"{arguments.source}.jsonl") as report,
        ):
            return SOURCES[arguments.source](connection, arguments, report)
    except (CannotImport, EntityDeclared, psycopg.Error) as error:
        print(error, file=sys.stderr)
        return 1


@contextmanager
def connected(conninfo: str) -> Iterator[psycopg.Connection[Any]]:
    """Of two imports at once the second is refused, but for one that has just been killed. Raises
    CannotImport, psycopg.Error.
    """
    with psycopg.connect(conninfo, autocommit=True, options=OPTIONS) as connection:
        try:
            connection.execute("SELECT pg_advisory_lock(hashtext('cgraph import'))")
        except psycopg.errors.LockNotAvailable:
            raise CannotImport("Another import runs; wait until it is done") from None
        yield connection


def _import_stack_exchange(
    connection: psycopg.Connection[Any], arguments: argparse.Namespace, report: Report
) -> int:
    target = Target(arguments.forum, arguments.name, arguments.owner, arguments.url)
    work = DumpImport(connection, arguments.folder, target, report, Progress())
    if arguments.check:
        comparisons = list(work.check())
        _print(*map(str, comparisons), *report.lines())
        return 0 if all(each.is_equal for each in comparisons) else 1
    _print(_new(asdict(work.run())), *report.lines())
    return 0


def _import_slack(
    connection: psycopg.Connection[Any], arguments: argparse.Namespace, report: Report
) -> int:
    work = ExportImport(connection, arguments.export, arguments.owner, report, Progress())
    _print(_new(asdict(work.run())), *report.lines())
    return 0


def _new(counts: dict[str, int]) -> str:
    return "new: " + ", ".join(f"{number:,} {what}" for what, number in counts.items())


def _print(*lines: str) -> None:
    print("\n".join(lines))


SOURCES = {"stackexchange": _import_stack_exchange, "slack": _import_slack}
