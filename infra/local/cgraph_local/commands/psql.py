"""`cgraph psql [ARGUMENT …]`"""

import argparse
import os
import shutil
import sys
from typing import TYPE_CHECKING, Any

from cgraph_local.core.home import Home
from cgraph_local.core.running_cloud import RunningCloud

if TYPE_CHECKING:
    from psycopg import Cursor


def main(arguments: argparse.Namespace) -> int:
    endpoints = RunningCloud(Home.from_environment()).endpoints("postgres")
    program = shutil.which("psql")
    if program is not None:
        os.execv(program, [program, endpoints.conninfo, *arguments.rest])  # noqa: S606
    match arguments.rest:
        case ["-c", statement]:
            return _execute(statement, conninfo=endpoints.conninfo)
    print(
        "There is no psql on this machine (Debian: apt install postgresql-client, macOS: brew "
        'install libpq). Without it: cgraph psql -c "SELECT …", or any client with\n'
        f"  {endpoints.conninfo}",
        file=sys.stderr,
    )
    return 1


def _execute(statement: str, *, conninfo: str) -> int:
    import psycopg

    try:
        with psycopg.connect(conninfo, autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            while True:
                _print(cursor)
                if not cursor.nextset():
                    return 0
    except psycopg.Error as error:
        print(error, file=sys.stderr)
        return 1


def _print(cursor: "Cursor[Any]") -> None:
    if cursor.description is None:
        print(cursor.statusmessage)
        return
    print("\t".join(column.name for column in cursor.description))
    for row in cursor:
        print("\t".join("∅" if value is None else str(value) for value in row))
