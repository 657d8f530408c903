"""What an operator reads in the database and repairs in it, one logged statement at a time."""

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, cast

from pydantic import Field

from cgraph.core import database, iam
from cgraph.core.fields import Body, Model
from cgraph.core.log import logger
from cgraph.core.settings import settings

if TYPE_CHECKING:
    from psycopg import AsyncConnection

MOST_ROWS = 1000
MOST_CHARACTERS = 1_000_000
"""Of all values together. Lambda returns at most 6 MB."""


class OperatorStatement(Body):
    statement: str = Field(min_length=1, max_length=20_000)
    operator: str = Field(
        min_length=1, max_length=300, description="Who runs it, for the log: an ARN of AWS."
    )


class Inspection(OperatorStatement):
    rows: int = Field(default=100, ge=1, le=MOST_ROWS, description="At most so many are returned.")


class InspectionResult(Model):
    columns: list[str]
    rows: list[list[str | None]]
    complete: bool = Field(description="Whether these are all rows of the result.")
    milliseconds: int


class Repair(OperatorStatement):
    rows: int = Field(
        ge=0, description="How many rows the statement changes. With another number nothing is."
    )


class RepairResult(Model):
    rows: int = Field(description="The rows that were changed.")


class WrongNumberOfRows(Exception):
    """The statement would have changed another number of rows, and was rolled back."""


async def inspect_database(request: Inspection) -> InspectionResult:
    """Runs one statement that only reads, as a role that may only read.

    Raises psycopg.Error: the statement is wrong, writes, or takes longer than the role may.
    """
    _log("database_inspected", request)
    started = time.monotonic()
    async with _connect() as connection:
        cursor = connection.cursor()
        rows: list[list[str | None]] = []
        characters, complete = 0, True
        # stream() sends exactly one statement and holds one row at a time
        async for row in cursor.stream(request.statement.encode()):
            if len(rows) == request.rows or characters > MOST_CHARACTERS:
                complete = False
                break
            rows.append([_text(value) for value in row])
            characters += sum(len(value or "") for value in rows[-1])
        columns = [column.name for column in cursor.description or ()]
    milliseconds = round((time.monotonic() - started) * 1000)
    return InspectionResult(
        columns=columns, rows=rows, complete=complete, milliseconds=milliseconds
    )


async def repair_database(request: Repair) -> RepairResult:
    """Runs one statement that changes rows, with the rights of the functions.

    Raises WrongNumberOfRows, DatabaseUnavailable, psycopg.Error: nothing was changed.
    """
    _log("database_repaired", request)
    statement = request.statement.replace("%", "%%")
    async with database.transaction() as tx:
        changed = await tx.execute(statement, {})
        if changed != request.rows:
            raise WrongNumberOfRows(
                f"the statement changes {changed} rows, not {request.rows}; nothing was changed"
            )
    return RepairResult(rows=changed)


def _log(event: str, request: OperatorStatement) -> None:
    """Before it runs, because a statement that fails belongs in the log too."""
    logger.info(event, extra={"operator": request.operator, "statement": request.statement})


@asynccontextmanager
async def _connect() -> AsyncIterator["AsyncConnection[Any]"]:
    """A connection of its own for each statement. Its transaction only reads, and is never
    committed.
    """
    from psycopg import AsyncConnection

    here = settings()
    credentials = {}
    if here.database_auth == "iam":
        credentials = iam.database_credentials(
            host=here.database_host, port=here.database_port, user=here.database_operator
        )
    connection = await AsyncConnection.connect(
        host=here.database_host,
        port=here.database_port,
        dbname=here.database_name,
        user=here.database_operator,
        connect_timeout=10,
        prepare_threshold=None,
        **cast(dict[str, Any], credentials),
    )
    try:
        await connection.set_read_only(True)
        yield connection
    finally:
        await connection.close()


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)
