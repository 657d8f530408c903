"""Creates accounts for the authors of imported content. Nobody can log in to them."""

from __future__ import annotations

import secrets
from functools import partial
from typing import Any

from psycopg import Connection

from cgraph.accounts.auth.passwords import hash_password
from cgraph.core.text import clean_line
from cgraph_local.core.progress import Progress
from cgraph_local.imports import texts
from cgraph_local.imports.identity import (
    LONGEST_NAME,
    MAX_BIO,
    MAX_DISPLAY_NAME,
    ImportedUser,
)
from cgraph_local.imports.progress_meter import ProgressMeter
from cgraph_local.imports.report import Report
from cgraph_local.imports.staging_table import StagingTable

COLUMNS = (
    "id uuid",
    "username text",
    "alternative text",
    "email text",
    "display_name text",
    "bio text",
    "created_at timestamptz",
    "file text",
    "line bigint",
)


def new_staging_table(connection: Connection[Any]) -> StagingTable:
    return StagingTable(connection, name="staged_users", columns=COLUMNS)


def stage_user(
    users: StagingTable, user: ImportedUser, *, file: str, line: int, report: Report
) -> None:
    """Cuts texts that are too long, and reports it."""
    changed = partial(report.change, file, line)
    name = clean_line(user.display_name, at_most=LONGEST_NAME)
    bio = texts.body(user.bio, changed=changed)
    users.add(
        user.id,
        user.username,
        user.alternative,
        user.email,
        texts.cut(name, at_most=MAX_DISPLAY_NAME, changed=changed, what="a user's display name"),
        texts.cut(bio, at_most=MAX_BIO, changed=changed, what="a user's bio"),
        user.created_at,
        file,
        line,
    )


def insert_users(connection: Connection[Any], users: StagingTable, *, progress: Progress) -> int:
    """Returns how many did not exist before. All get the same password, which is random and is not
    stored. It is hashed like any other, so a failing log-in takes as long as with other accounts.
    """
    password_hash = hash_password(secrets.token_urlsafe(32))
    meter, inserted = ProgressMeter(progress, "people", users.rows), 0
    for batch in users.batches():
        with connection.transaction():
            inserted += connection.execute(_INSERT, {**batch, "password": password_hash}).rowcount
        meter.rows = min(batch["high"], users.rows)
        meter.update(meter.rows)
    return inserted


_INSERT = """
    WITH inserted AS (
        INSERT INTO users (id, username, email, password_hash, display_name, bio, created_at)
        SELECT s.id,
               CASE WHEN EXISTS (SELECT FROM users_named(ARRAY[s.username]))
                    THEN s.alternative ELSE s.username END,
               s.email, %(password)s, s.display_name, s.bio, coalesce(s.created_at, now())
        FROM staged_users s
        WHERE s.position BETWEEN %(low)s AND %(high)s
        ON CONFLICT (id) DO NOTHING
        RETURNING id
    )
    INSERT INTO streams (id, kind) SELECT id, 'user' FROM inserted
    """
