"""People who wrote elsewhere: accounts that show who wrote what, and that nobody can log in to."""

from __future__ import annotations

import secrets
from typing import Any

from psycopg import Connection

from cgraph.auth.passwords import hash_password
from cgraph_local.core.progress import Progress
from cgraph_local.imports.identity import Person
from cgraph_local.imports.progress_meter import Meter
from cgraph_local.imports.staging_table import Stage

COLUMNS = (
    "id uuid",
    "username text",
    "spare text",
    "email text",
    "display_name text",
    "bio text",
    "created_at timestamptz",
    "file text",
    "line bigint",
)


def new_stage(connection: Connection[Any]) -> Stage:
    return Stage(connection, table="staged_people", columns=COLUMNS)


def stage(people: Stage, person: Person, *, file: str, line: int) -> None:
    people.add(
        person.id,
        person.username,
        person.spare,
        person.email,
        person.display_name,
        person.bio,
        person.created_at,
        file,
        line,
    )


def merge(connection: Connection[Any], people: Stage, *, progress: Progress) -> int:
    """How many were not there before. All have the same password: a random one, kept nowhere, so
    that a log-in takes as long to fail with them as with anybody.
    """
    password_hash = hash_password(secrets.token_urlsafe(32))
    meter, fresh = Meter(progress, "people", people.rows), 0
    for span in people.spans():
        with connection.transaction():
            fresh += connection.execute(_MERGE, {**span, "password": password_hash}).rowcount
        meter.rows = min(span["high"], people.rows)
        meter.reached(meter.rows)
    return fresh


_MERGE = """
    WITH person AS (
        INSERT INTO users (id, username, email, password_hash, display_name, bio, created_at)
        SELECT p.id,
               CASE WHEN EXISTS (SELECT FROM users u WHERE lower(u.username) = p.username)
                    THEN p.spare ELSE p.username END,
               p.email, %(password)s, p.display_name, p.bio, coalesce(p.created_at, now())
        FROM staged_people p
        WHERE p.place BETWEEN %(low)s AND %(high)s
        ON CONFLICT (id) DO NOTHING
        RETURNING id
    )
    INSERT INTO streams (id, kind) SELECT id, 'user' FROM person
    """
