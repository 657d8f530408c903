"""The forum that takes what is imported."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import tuple_row

from cgraph.core import clock, ids

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{1,30}")


class CannotImport(Exception):
    """Nothing was written; the text says what to do."""


def find_forum(connection: Connection[Any], *, slug: str) -> UUID | None:
    with connection.cursor(row_factory=tuple_row) as cursor:
        row = cursor.execute("SELECT id FROM forums WHERE lower(slug) = lower(%s)", (slug,))
        found = row.fetchone()
    return found[0] if found else None


def find_person(connection: Connection[Any], *, username: str) -> UUID:
    """Raises CannotImport."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        row = cursor.execute("SELECT id FROM users WHERE lower(username) = lower(%s)", (username,))
        found = row.fetchone()
    if found is None:
        raise CannotImport(f"There is nobody called {username}")
    return UUID(str(found[0]))


def require_forum_or_owner(
    connection: Connection[Any], *, slug: str, owner: str | None
) -> UUID | None:
    """The forum's id, None where it has to be made first. Raises CannotImport."""
    forum = find_forum(connection, slug=slug)
    if forum is not None:
        return forum
    if SLUG.fullmatch(slug) is None:
        raise CannotImport(f"{slug!r} cannot name a forum: 2 to 31 of a-z, 0-9 and -")
    if owner is None:
        raise CannotImport(f"There is no forum {slug}: say whose it shall be with --owner USERNAME")
    find_person(connection, username=owner)
    return None


def new_forum(
    connection: Connection[Any], *, slug: str, name: str, owner: str, active_at: datetime | None
) -> UUID:
    """A public one. `active_at`: when somebody last wrote; None is now. Raises CannotImport."""
    now = clock.now()
    forum = {
        "id": ids.uuid7(now),
        "slug": slug,
        "name": name,
        "owner": find_person(connection, username=owner),
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
