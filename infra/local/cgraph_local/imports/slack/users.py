"""Imports the users of a workspace, and users who appear only in its messages or channels."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import tuple_row

from cgraph_local.core.progress import Progress
from cgraph_local.imports import users
from cgraph_local.imports.errors import InvalidItem
from cgraph_local.imports.identity import ImportedUser, user_id
from cgraph_local.imports.report import Report
from cgraph_local.imports.slack.archive import Archive
from cgraph_local.imports.slack.json_object import JsonObject

SOURCE = "slack"
"""Slack's ids are unique among all workspaces."""


@dataclass(slots=True)
class UserDirectory:
    """`known`: the users of users.json, by Slack's id. `unknown`: users that are missing there,
    with a name and the time when they first appear.
    """

    known: dict[str, UUID] = field(default_factory=dict)
    usernames: dict[str, str] = field(default_factory=dict)
    unknown: dict[str, tuple[str, datetime]] = field(default_factory=dict)

    def id_of(self, key: str, *, name: str, seen_at: datetime) -> UUID:
        if key in self.known:
            return self.known[key]
        known_name, first = self.unknown.get(key, (name, seen_at))
        self.unknown[key] = known_name or name, min(first, seen_at)
        return user_id(key, source=SOURCE)


def read_users(archive: Archive, *, report: Report) -> dict[str, ImportedUser]:
    """By Slack's id. Raises InvalidItem when users.json cannot be read at all."""
    imported: dict[str, ImportedUser] = {}
    usernames: set[str] = set()
    for position, item in enumerate(archive.items("users.json")):
        try:
            user = JsonObject.of(item)
            key = user.text("id")
            if key in imported:
                raise InvalidItem("duplicate id", key)
            imported[key] = _parse_user(user, key, taken=usernames)
            usernames.add(imported[key].username)
        except InvalidItem as error:
            report.leave_out("users.json", position, error.reason, error.detail)
    return imported


def insert_users(
    connection: Connection[Any],
    imported: list[ImportedUser],
    *,
    file: str,
    report: Report,
    progress: Progress,
) -> int:
    table = users.new_staging_table(connection)
    for position, user in enumerate(imported):
        users.stage_user(table, user, file=file, line=position, report=report)
    table.finish("id")
    return users.insert_users(connection, table, progress=progress)


def insert_unknown_users(
    connection: Connection[Any], directory: UserDirectory, *, report: Report, progress: Progress
) -> int:
    """Users who wrote, reacted or are members, but are not in users.json."""
    unknown = [
        ImportedUser.of(key, source=SOURCE, suffix=None, name=name or "someone", created_at=first)
        for key, (name, first) in directory.unknown.items()
    ]
    return insert_users(connection, unknown, file="users.json", report=report, progress=progress)


def usernames_of(connection: Connection[Any], imported: dict[str, ImportedUser]) -> dict[str, str]:
    """The usernames of the imported accounts, by Slack's id."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(
            "SELECT id, username FROM users WHERE id = ANY(%s)",
            ([user.id for user in imported.values()],),
        )
        names: dict[UUID, str] = dict(rows.fetchall())
    return {key: names[user.id] for key, user in imported.items()}


def _parse_user(user: JsonObject, key: str, *, taken: set[str]) -> ImportedUser:
    profile = user.child("profile")
    display_name = (
        profile.optional_text("display_name")
        or profile.optional_text("real_name")
        or user.optional_text("real_name")
    )
    name, bio = (
        user.optional_text("name") or display_name or "someone",
        profile.optional_text("title"),
    )
    imported = ImportedUser.of(
        key, source=SOURCE, suffix="-slack", name=name, display_name=display_name, bio=bio
    )
    if imported.username in taken:
        return ImportedUser.of(
            key, source=SOURCE, suffix=None, name=name, display_name=display_name, bio=bio
        )
    return imported
