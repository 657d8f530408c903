"""Statements that a person runs in the database of a stage, through the functions InspectDatabase
and RepairDatabase.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from scripts.deployment.calls import Calls
from scripts.deployment.steps import CommandError

REPORT = "SELECT name, value FROM database_report()"
INVOKE_SECONDS = 310


def read_statement(text: str, *, file: str) -> str:
    """The statement itself, or that of a file (`-`: standard input). Raises CommandError."""
    if bool(text) == bool(file):
        raise CommandError('Name one statement: SQL="SELECT …", or FILE=… (- for standard input).')
    if file == "-":
        return sys.stdin.read()
    try:
        return text or Path(file).read_text()
    except OSError as error:
        raise CommandError(f"FILE={file}: {error.strerror}") from None


def inspect_stack(calls: Calls, stack: str, *, statement: str, rows: int = 100) -> dict[str, Any]:
    """The result of InspectDatabase; empty in a dry run. Raises CommandError."""
    return _run(calls, stack, function="InspectDatabase", statement=statement, rows=rows)


def repair_stack(calls: Calls, stack: str, *, statement: str, rows: int) -> dict[str, Any]:
    """`rows`: how many rows change; with another number nothing does. Raises CommandError."""
    return _run(calls, stack, function="RepairDatabase", statement=statement, rows=rows)


def report_of(calls: Calls, stack: str) -> dict[str, str]:
    """What `database_report()` returns, by name."""
    found = inspect_stack(calls, stack, statement=REPORT)
    return {row[0]: row[1] for row in found.get("rows", [])}


def table(columns: list[str], rows: list[list[str | None]]) -> Iterator[str]:
    """The lines of a table, as psql shows one."""
    shown = [columns, *([value if value is not None else "∅" for value in row] for row in rows)]
    widths = [max(len(line[column]) for line in shown) for column in range(len(columns))]
    for line in shown:
        cells = (value.ljust(width) for value, width in zip(line, widths, strict=True))
        yield " | ".join(cells).rstrip()


def _run(calls: Calls, stack: str, *, function: str, statement: str, rows: int) -> dict[str, Any]:
    caller = calls.run("sts", "get_caller_identity").get("Arn", "<your ARN>")
    event = {"statement": statement, "operator": caller, "rows": rows}
    return invoke(calls, stack, function=function, event=event)


def invoke(
    calls: Calls, stack: str, *, function: str, event: Mapping[str, object]
) -> dict[str, Any]:
    """What a function of the stack returns; empty in a dry run. Raises CommandError."""
    found = calls.run(
        "cloudformation", "describe_stack_resource", StackName=stack, LogicalResourceId=function
    )
    name = found.get("StackResourceDetail", {}).get("PhysicalResourceId", f"{stack}-{function}-…")
    response = calls.run("lambda", "invoke", FunctionName=name, Payload=json.dumps(event).encode())
    if not response:
        return {}
    payload = json.loads(response["Payload"].read())
    if response.get("FunctionError"):
        kind, message = payload.get("errorType", "Error"), payload.get("errorMessage", "")
        raise CommandError(f"{function} returned {kind}: {message}")
    return dict(payload)
