"""The plans of the queries that Postgres runs inside its functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import LiteralString

import psycopg
from psycopg import Connection
from psycopg.sql import SQL, Identifier, Literal

from tests.feature.world import World


def nested_plans(
    world: World, statement: LiteralString, *values: object, runs: int = 1, **settings: str
) -> list[str]:
    """Of the last run of the statement, as text. `settings`: those of auto_explain. From the sixth
    run on Postgres may use a generic plan.
    """
    with psycopg.connect(world.endpoints.admin_conninfo, autocommit=True) as connection:
        return explain_nested(connection, statement, values, runs=runs, **settings)


def explain_nested(
    connection: Connection,
    statement: LiteralString,
    values: Sequence[object],
    *,
    runs: int = 1,
    **settings: str,
) -> list[str]:
    """`nested_plans` in a connection whose transaction may hold rows of the test."""
    notices: list[str] = []
    connection.add_notice_handler(lambda notice: notices.append(notice.message_primary or ""))
    connection.execute("LOAD 'auto_explain'")
    wanted = {"log_min_duration": "0", "log_nested_statements": "on", "log_level": "notice"}
    for name, value in {**wanted, **settings}.items():
        setting = SQL("SET {} = {}").format(Identifier("auto_explain", name), Literal(value))
        connection.execute(setting)
    for _ in range(runs):
        notices.clear()
        connection.execute(statement, values)
    return [notice for notice in notices if "plan:" in notice]
