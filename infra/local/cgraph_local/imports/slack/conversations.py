"""The channels, groups and direct messages of an export, as conversations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection

from cgraph.conversations.models import LARGE_GROUP
from cgraph.conversations.queries import direct_key
from cgraph_local.imports.identity import DISPLAY_NAME_AT_MOST, imported_id
from cgraph_local.imports.report import BadRow, Report
from cgraph_local.imports.slack.archive import Archive
from cgraph_local.imports.slack.json_object import Thing, moment_of
from cgraph_local.imports.slack.users import SOURCE, Crowd

LISTS = ("channels.json", "groups.json", "mpims.json", "dms.json")


@dataclass(frozen=True, slots=True)
class Channel:
    """`folder`: where its days are in the archive. `members`: as the export names them."""

    id: UUID
    folder: str
    name: str | None
    is_direct: bool
    created_at: datetime
    creator: UUID | None
    members: tuple[UUID, ...]


def read_channels(archive: Archive, *, crowd: Crowd, report: Report) -> list[Channel]:
    found: dict[UUID, Channel] = {}
    pairs: set[tuple[UUID, ...]] = set()
    for file, place, item in _items(archive, report=report):
        try:
            channel = _channel(Thing.of(item), file=file, crowd=crowd)
            if channel.id in found:
                raise BadRow("its id was there before", channel.name)
            if channel.is_direct:
                _require_new_pair(channel, pairs)
            found[channel.id] = channel
        except BadRow as bad:
            report.leave_out(file, place, bad.reason, bad.detail)
    return list(found.values())


def _items(archive: Archive, *, report: Report) -> Iterator[tuple[str, int, Any]]:
    for file in LISTS:
        try:
            items = archive.items(file)
        except BadRow as bad:
            report.leave_out(file, 0, bad.reason, bad.detail)
            continue
        for place, item in enumerate(items):
            yield file, place, item


def _channel(found: Thing, *, file: str, crowd: Crowd) -> Channel:
    key = found.text("id")
    created_at = moment_of(found.stamp("created"))
    people = found.keys("members")
    members = [crowd.id_of(each, name=each, seen_at=created_at) for each in people]
    creator = found.words("creator")
    is_direct, is_named = file == "dms.json", file in ("channels.json", "groups.json")
    return Channel(
        id=imported_id(created_at, source=SOURCE, kind="conversation", key=key),
        folder=key if is_direct else found.text("name"),
        name=found.text("name")[:DISPLAY_NAME_AT_MOST] if is_named else None,
        is_direct=is_direct,
        created_at=created_at,
        creator=crowd.id_of(creator, name=creator, seen_at=created_at) if creator else None,
        members=tuple(sorted(members)),
    )


def _require_new_pair(channel: Channel, pairs: set[tuple[UUID, ...]]) -> None:
    if len(channel.members) != 2:
        raise BadRow("not between two people", channel.folder)
    if channel.members in pairs:
        raise BadRow("those two have another conversation", channel.folder)
    pairs.add(channel.members)


def merge_channel(
    connection: Connection[Any], channel: Channel, *, members: Sequence[UUID], owner: UUID | None
) -> bool:
    """Whether it was not there before. `owner`: who owns all groups; None is whoever made it."""
    people, founder = _people(channel, members=members, owner=owner)
    row = {
        "id": channel.id,
        "kind": "direct" if channel.is_direct else "group",
        "name": channel.name,
        "direct_key": direct_key(people) if channel.is_direct else None,
        "founder": founder,
        "creator": channel.creator or founder,
        "created_at": channel.created_at,
        "members": people,
        "large": len(people) > LARGE_GROUP,
    }
    return connection.execute(_INSERT, row).rowcount > 0


def _people(
    channel: Channel, *, members: Sequence[UUID], owner: UUID | None
) -> tuple[list[UUID], UUID]:
    """Who is in it, and who of them owns it."""
    if channel.is_direct:
        return list(channel.members), channel.members[0]
    people = dict.fromkeys([*([owner] if owner else []), *(channel.members or members)])
    if owner is not None or channel.creator not in people:
        return list(people), next(iter(people))
    return list(people), channel.creator


_INSERT = """
    WITH conversation AS (
        INSERT INTO conversations (id, kind, name, direct_key, created_by, created_at, active_at,
                                   member_count)
        VALUES (%(id)s, %(kind)s, %(name)s, %(direct_key)s, %(creator)s, %(created_at)s,
                %(created_at)s, cardinality(%(members)s::uuid[]))
        ON CONFLICT (id) DO NOTHING
        RETURNING id
    ), stream AS (
        INSERT INTO streams (id, kind) SELECT id, 'conv' FROM conversation
    )
    INSERT INTO conversation_members (conversation_id, user_id, role, joined_at, large, active_at)
    SELECT id, person,
           CASE WHEN %(kind)s = 'group' AND person = %(founder)s THEN 'owner' ELSE 'member' END,
           %(created_at)s, %(large)s, %(created_at)s
    FROM conversation CROSS JOIN unnest(%(members)s::uuid[]) AS person
    """
