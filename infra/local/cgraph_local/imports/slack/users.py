"""The people of a workspace, and who else shows up in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import tuple_row

from cgraph_local.core.progress import Progress
from cgraph_local.imports import users
from cgraph_local.imports.identity import Person, person_id
from cgraph_local.imports.report import BadRow, Report
from cgraph_local.imports.slack.archive import Archive
from cgraph_local.imports.slack.json_object import Thing

SOURCE = "slack"
"""Its ids of people, channels and conversations are unique among all workspaces."""


@dataclass(slots=True)
class Crowd:
    """`unknown`: the keys of those whom users.json does not have, with a name and when they were
    first seen.
    """

    known: dict[str, UUID] = field(default_factory=dict)
    usernames: dict[str, str] = field(default_factory=dict)
    unknown: dict[str, tuple[str, datetime]] = field(default_factory=dict)

    def id_of(self, key: str, *, name: str, seen_at: datetime) -> UUID:
        if key in self.known:
            return self.known[key]
        shown, first = self.unknown.get(key, (name, seen_at))
        self.unknown[key] = shown or name, min(first, seen_at)
        return person_id(key, source=SOURCE)


def read_people(archive: Archive, *, report: Report) -> dict[str, Person]:
    """By Slack's id. Raises BadRow where users.json cannot be read at all."""
    found: dict[str, Person] = {}
    taken: set[str] = set()
    for place, item in enumerate(archive.items("users.json")):
        try:
            user = Thing.of(item)
            key = user.text("id")
            if key in found:
                raise BadRow("its id was there before", key)
            found[key] = _person(user, key, taken=taken)
            taken.add(found[key].username)
        except BadRow as bad:
            report.leave_out("users.json", place, bad.reason, bad.detail)
    return found


def merge_people(
    connection: Connection[Any], found: list[Person], *, file: str, progress: Progress
) -> int:
    stage = users.new_stage(connection)
    for place, person in enumerate(found):
        users.stage(stage, person, file=file, line=place)
    stage.complete("id")
    return users.merge(connection, stage, progress=progress)


def merge_unknown(connection: Connection[Any], crowd: Crowd, *, progress: Progress) -> int:
    """Whoever wrote, reacted or is a member, and is not among the people of the export."""
    strangers = [
        Person.of(key, source=SOURCE, tail=None, name=name or "someone", created_at=first)
        for key, (name, first) in crowd.unknown.items()
    ]
    return merge_people(connection, strangers, file="users.json", progress=progress)


def usernames_of(connection: Connection[Any], found: dict[str, Person]) -> dict[str, str]:
    """What each is called here, by Slack's id."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(
            "SELECT id, username FROM users WHERE id = ANY(%s)",
            ([person.id for person in found.values()],),
        )
        names: dict[UUID, str] = dict(rows.fetchall())
    return {key: names[person.id] for key, person in found.items()}


def _person(user: Thing, key: str, *, taken: set[str]) -> Person:
    profile = user.thing("profile")
    shown = profile.words("display_name") or profile.words("real_name") or user.words("real_name")
    name, bio = user.words("name") or shown or "someone", profile.words("title")
    person = Person.of(key, source=SOURCE, tail="-slack", name=name, shown=shown, bio=bio)
    if person.username in taken:
        return Person.of(key, source=SOURCE, tail=None, name=name, shown=shown, bio=bio)
    return person
