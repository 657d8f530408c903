"""The commands of operators: `restore`, `drill`, `sql`, `repair`, `consumers`, `accounts` and
`reindex`.
"""

import argparse
import os
import shlex
from collections.abc import Mapping

from cgraph_local.core.account_commands import (
    account_event,
    account_lines,
    add_account_arguments,
)
from cgraph_local.core.consumer_commands import add_arguments, event_of, lines_of
from cgraph_local.core.reindex_progress import progress_line
from scripts.deployment.calls import Calls
from scripts.deployment.commands import Choice
from scripts.deployment.origin import Origin
from scripts.deployment.restoring import DRILL, drill, restore
from scripts.deployment.stage import Stage, read_stage
from scripts.deployment.statements import (
    inspect_stack,
    invoke,
    read_statement,
    repair_stack,
    table,
)
from scripts.deployment.steps import CommandError, Steps, confirm, print_line

COMMANDS = ("restore", "drill", "sql", "repair", "consumers", "accounts", "reindex")


def run(arguments: argparse.Namespace, choice: Choice, *, overrides: Mapping[str, str]) -> None:
    """Raises CommandError."""
    if not arguments.stage:
        raise CommandError(f"Name the stage: make {arguments.command} STAGE=…")
    stage = read_stage(arguments.stage, overrides=overrides)
    if arguments.command == "restore":
        origin = Origin.parse(getattr(arguments, "from"), at=arguments.at)
        restore(stage.name, origin, choice, overrides=overrides)
    elif arguments.command == "drill":
        if stage.name == DRILL:
            raise CommandError(f"STAGE={DRILL} is the copy; name the stage to restore it from.")
        drill(stage, choice)
    elif arguments.command == "consumers":
        _consumers(stage, choice, words=arguments.do or "list")
    elif arguments.command == "accounts":
        _accounts(stage, choice, words=arguments.do or "waiting")
    elif arguments.command == "reindex":
        _reindex(stage, choice)
    else:
        # make passes its variables on; a statement as an argument would have to be quoted
        statement = read_statement(os.environ.get("SQL", ""), file=arguments.file)
        run_statement = _sql if arguments.command == "sql" else _repair
        run_statement(stage, choice, statement=statement, rows=_number(arguments.rows))


def _sql(stage: Stage, choice: Choice, *, statement: str, rows: int | None) -> None:
    calls = Calls(stage.region, dry=choice.dry)
    with Steps(1, dry=choice.dry).step(f"Read in the database of {stage.stack}"):
        found = inspect_stack(calls, stage.stack, statement=statement, rows=rows or 100)
        if not found:
            return
        for line in table(found["columns"], found["rows"]):
            print_line(line)
        more = "" if found["complete"] else " of more (ROWS=… shows up to 1000)"
        print_line(f"({len(found['rows'])} rows{more}, {found['milliseconds']} ms)")


def _repair(stage: Stage, choice: Choice, *, statement: str, rows: int | None) -> None:
    if rows is None:
        raise CommandError("Say how many rows the statement changes: ROWS=1. It checks that.")
    calls = Calls(stage.region, dry=choice.dry)
    with Steps(1, dry=choice.dry).step(f"Change {rows} rows in the database of {stage.stack}"):
        if not choice.dry and not choice.yes:
            confirm(f"{statement.strip()}\nThis changes {stage.stack}.", expected=stage.name)
        found = repair_stack(calls, stage.stack, statement=statement, rows=rows)
        if found:
            print_line(f"      {found['rows']} rows were changed")


def _consumers(stage: Stage, choice: Choice, *, words: str) -> None:
    parser = argparse.ArgumentParser(prog="make consumers STAGE=… DO=", usage="%(prog)s'list'")
    add_arguments(parser)
    try:
        event = event_of(parser.parse_args(shlex.split(words)))
    except ValueError as error:
        raise CommandError(str(error)) from None
    calls = Calls(stage.region, dry=choice.dry)
    with Steps(1, dry=choice.dry).step(f"Consumers of {stage.stack}: {words}"):
        report = invoke(calls, stage.stack, function="ManageConsumers", event=event)
        for line in lines_of(report) if report else ():
            print_line(line)


def _accounts(stage: Stage, choice: Choice, *, words: str) -> None:
    parser = argparse.ArgumentParser(prog="make accounts STAGE=… DO=", usage="%(prog)s'waiting'")
    add_account_arguments(parser)
    event = account_event(parser.parse_args(shlex.split(words)))
    calls = Calls(stage.region, dry=choice.dry)
    with Steps(1, dry=choice.dry).step(f"Accounts of {stage.stack}: {words}"):
        report = invoke(calls, stage.stack, function="ManageAccounts", event=event)
        for line in account_lines(report) if report else ():
            print_line(line)


def _reindex(stage: Stage, choice: Choice) -> None:
    calls = Calls(stage.region, dry=choice.dry)
    documents = 0
    with Steps(1, dry=choice.dry).step(f"Build the index in OpenSearch of {stage.stack} anew"):
        while report := invoke(calls, stage.stack, function="ReindexDocuments", event={}):
            documents += report["documents"]
            print_line(progress_line(report, documents=documents))
            if report["is_done"]:
                return


def _number(text: str) -> int | None:
    if text and not text.isdigit():
        raise CommandError(f"ROWS={text} is not a number")
    return int(text) if text else None
