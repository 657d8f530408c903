"""Statements in the database of the local cloud."""

import psycopg

from cgraph_local.services import Endpoints


def query(endpoints: Endpoints, sql: str) -> list[tuple[object, ...]]:
    with psycopg.connect(endpoints.conninfo, autocommit=True) as connection:
        cursor = connection.execute(sql.encode())
        return cursor.fetchall() if cursor.description else []
