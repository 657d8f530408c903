"""The forum into which a dump is imported."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import tuple_row

from cgraph.core import clock, ids
from cgraph.core.text import TextRefused, one_line
from cgraph_local.imports.errors import CannotImport
from cgraph_local.imports.identity import MAX_DISPLAY_NAME

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{1,30}")


def find_forum(connection: Connection[Any], *, slug: str) -> UUID | None:
    with connection.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute("SELECT id FROM forums WHERE lower(slug) = lower(%s)", (slug,))
        row = rows.fetchone()
    return row[0] if row else None


def find_user(connection: Connection[Any], *, username: str) -> UUID:
    """Raises CannotImport."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute("SELECT id FROM users WHERE lower(username) = lower(%s)", (username,))
        row = rows.fetchone()
    if row is None:
        raise CannotImport(f"There is no user {username}")
    return UUID(str(row[0]))


def require_forum_or_owner(
    connection: Connection[Any], *, slug: str, owner: str | None
) -> UUID | None:
    """The id of the forum; None when it must be created, which is possible. Raises CannotImport."""
    forum = find_forum(connection, slug=slug)
    if forum is not None:
        return forum
    if SLUG.fullmatch(slug) is None:
        raise CannotImport(f"{slug!r} is not a valid slug: 2 to 31 characters of a-z, 0-9 and -")
    if owner is None:
        raise CannotImport(f"There is no forum {slug}: name an owner for it with --owner USERNAME")
    find_user(connection, username=owner)
    return None


def create_forum(
    connection: Connection[Any], *, slug: str, name: str, owner: str, active_at: datetime | None
) -> UUID:
    """Creates a public forum. `active_at`: the time of its last activity; None for now. Raises
    CannotImport.
    """
    try:
        name = one_line(name, at_most=MAX_DISPLAY_NAME, required=True)
    except TextRefused as refusal:
        raise CannotImport(f"The name of the forum {refusal}") from None
    now = clock.now()
    forum = {
        "id": ids.uuid7(now),
        "slug": slug,
        "name": name,
        "owner": find_user(connection, username=owner),
        "now": now,
        "active_at": active_at or now,
    }
    connection.execute(
        """
        WITH forum AS (
            INSERT INTO forums (id, slug, name, visibility, posting, created_by, created_at,
                                active_at, member_count)
            VALUES (%(id)s, %(slug)s, %(name)s, 'public', 'everyone', %(owner)s, %(now)s,
                    %(active_at)s, 1)
            RETURNING id
        ), stream AS (
            INSERT INTO streams (id, kind) SELECT id, 'forum' FROM forum
        )
        INSERT INTO forum_members (forum_id, user_id, role, joined_at)
        SELECT id, %(owner)s, 'owner', %(now)s FROM forum
        """,
        forum,
    )
    return UUID(str(forum["id"]))
