"""`cgraph import stackexchange FOLDER --forum SLUG`, `cgraph import slack EXPORT.zip`"""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from typing import Any

import boto3
import psycopg

from cgraph_local.cloud.template_parameters import MEDIA_BUCKET
from cgraph_local.core.home import Home
from cgraph_local.core.progress import Progress
from cgraph_local.core.running_cloud import RunningCloud
from cgraph_local.imports.connection import import_connection
from cgraph_local.imports.errors import CannotImport
from cgraph_local.imports.report import Report, new_report
from cgraph_local.imports.slack.export_import import SlackImport
from cgraph_local.imports.stackexchange.dump_import import StackExchangeImport, Target
from cgraph_local.imports.stackexchange.xml_rows import UnsafeDoctype
from cgraph_local.imports.uploads import Bucket
from cgraph_local.template.pseudo_parameters import REGION


def main(arguments: argparse.Namespace) -> int:
    home = Home.from_environment()
    conninfo = RunningCloud(home).endpoints("postgres").conninfo
    try:
        with (
            import_connection(conninfo) as connection,
            new_report(home.folder("imports") / f"{arguments.source}.jsonl") as report,
        ):
            return SOURCES[arguments.source](connection, arguments, report)
    except (CannotImport, UnsafeDoctype, psycopg.Error) as error:
        print(error, file=sys.stderr)
        return 1


def _import_stack_exchange(
    connection: psycopg.Connection[Any], arguments: argparse.Namespace, report: Report
) -> int:
    target = Target(arguments.forum, arguments.name, arguments.owner, arguments.url)
    dump_import = StackExchangeImport(connection, arguments.folder, target, report, Progress())
    if arguments.check:
        comparisons = list(dump_import.check())
        _print(*map(str, comparisons), *report.lines())
        return 0 if all(comparison.is_equal for comparison in comparisons) else 1
    _print(_new(asdict(dump_import.run())), *report.lines())
    return 0


def _import_slack(
    connection: psycopg.Connection[Any], arguments: argparse.Namespace, report: Report
) -> int:
    endpoints = RunningCloud(Home.from_environment()).endpoints("emulator")
    client = boto3.client(
        "s3",
        endpoint_url=endpoints.emulator_url,
        region_name=REGION,
        aws_access_key_id=endpoints.credentials.access_key_id,
        aws_secret_access_key=endpoints.credentials.secret_access_key,
    )
    export_import = SlackImport(
        connection,
        arguments.export,
        arguments.owner,
        Bucket(client, MEDIA_BUCKET),
        report,
        Progress(),
    )
    _print(_new(asdict(export_import.run())), *report.lines())
    return 0


def _new(counts: dict[str, int]) -> str:
    return "new: " + ", ".join(f"{number:,} {kind}" for kind, number in counts.items())


def _print(*lines: str) -> None:
    print("\n".join(lines))


SOURCES = {"stackexchange": _import_stack_exchange, "slack": _import_slack}
