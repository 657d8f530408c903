"""The plans that Postgres uses for the statements of a query function."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, LiteralString

import psycopg

from cgraph.core.database import Transaction
from tests.feature.world import World

SETTINGS: tuple[LiteralString, ...] = (
    "LOAD 'auto_explain'",
    "SET auto_explain.log_min_duration = 0",
    "SET auto_explain.log_nested_statements = on",
    "SET auto_explain.log_analyze = on",
    "SET auto_explain.log_timing = off",
    "SET auto_explain.log_format = json",
    "SET auto_explain.log_level = notice",
)
EXECUTIONS = 6
"""From the sixth execution on, Postgres may keep a generic plan for a statement in a function."""


async def plan_nodes(
    world: World, query: Callable[[Transaction], Awaitable[object]]
) -> list[dict[str, Any]]:
    """Returns the nodes of the plans of all statements that the query runs, those in SQL functions
    included, with the number of rows that each has returned.
    """
    notices: list[str] = []
    connection = await psycopg.AsyncConnection.connect(
        world.endpoints.admin_conninfo, autocommit=True, prepare_threshold=None
    )
    async with connection:
        connection.add_notice_handler(lambda notice: notices.append(notice.message_primary or ""))
        for setting in SETTINGS:
            await connection.execute(setting)
        for _ in range(EXECUTIONS):
            notices.clear()
            await query(Transaction(connection))
    texts = [notice[notice.index("{") :] for notice in notices if "plan:" in notice]
    return [node for text in texts for node in _nodes(json.loads(text)["Plan"])]


def scanned_indexes(nodes: list[dict[str, Any]]) -> set[str]:
    return {node["Index Name"] for node in nodes if "Index Name" in node}


def assert_index_scans(nodes: list[dict[str, Any]], *, tables: set[str], rows: int) -> None:
    """Each of the tables is read, by an index, and no scan of it returns more than `rows` rows."""
    scans = [node for node in nodes if node.get("Relation Name") in tables]
    assert {scan["Relation Name"] for scan in scans} == tables
    for scan in scans:
        assert scan["Node Type"] != "Seq Scan", scan
        assert scan["Actual Rows"] <= rows, scan


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)
