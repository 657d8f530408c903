"""Imports channels, private groups and direct messages as conversations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from psycopg import Connection

from cgraph.chat.conversations.models import LARGE_GROUP
from cgraph.chat.conversations.queries import direct_key
from cgraph.core.text import beginning, clean_line
from cgraph_local.imports.errors import InvalidItem
from cgraph_local.imports.identity import MAX_DISPLAY_NAME, imported_id
from cgraph_local.imports.report import Report
from cgraph_local.imports.slack.archive import Archive
from cgraph_local.imports.slack.json_object import JsonObject, to_datetime
from cgraph_local.imports.slack.users import SOURCE, UserDirectory

LISTS = ("channels.json", "groups.json", "mpims.json", "dms.json")


@dataclass(frozen=True, slots=True)
class Channel:
    """`folder`: the folder of its days in the archive. `members`: those that the export lists."""

    id: UUID
    folder: str
    name: str | None
    is_direct: bool
    created_at: datetime
    creator: UUID | None
    members: tuple[UUID, ...]


def read_channels(archive: Archive, *, directory: UserDirectory, report: Report) -> list[Channel]:
    channels: dict[UUID, Channel] = {}
    pairs: set[tuple[UUID, ...]] = set()
    for file, position, item in _items(archive, report=report):
        try:
            channel = _parse_channel(JsonObject.of(item), file=file, directory=directory)
            if channel.id in channels:
                raise InvalidItem("duplicate id", channel.name)
            if channel.is_direct:
                _require_new_pair(channel, pairs)
            channels[channel.id] = channel
            _report_rest(JsonObject.of(item), report=partial(report.leave_out, file, position))
        except InvalidItem as error:
            report.leave_out(file, position, error.reason, error.detail)
    return list(channels.values())


def _items(archive: Archive, *, report: Report) -> Iterator[tuple[str, int, Any]]:
    for file in LISTS:
        try:
            items = archive.items(file)
        except InvalidItem as error:
            report.leave_out(file, 0, error.reason, error.detail)
            continue
        for position, item in enumerate(items):
            yield file, position, item


def _parse_channel(item: JsonObject, *, file: str, directory: UserDirectory) -> Channel:
    key = item.text("id")
    created_at = to_datetime(item.timestamp("created"))
    keys = item.strings("members")
    members = [directory.id_of(each, name=each, seen_at=created_at) for each in keys]
    creator = item.optional_text("creator")
    is_direct, is_named = file == "dms.json", file in ("channels.json", "groups.json")
    return Channel(
        id=imported_id(created_at, source=SOURCE, kind="conversation", key=key),
        folder=key if is_direct else item.text("name"),
        name=clean_line(item.text("name"), at_most=MAX_DISPLAY_NAME) if is_named else None,
        is_direct=is_direct,
        created_at=created_at,
        creator=directory.id_of(creator, name=creator, seen_at=created_at) if creator else None,
        members=tuple(sorted(members)),
    )


def _report_rest(item: JsonObject, *, report: Callable[[str, object], None]) -> None:
    """Reports what a conversation has no place for."""
    name = item.optional_text("name")
    if beginning(name, at_most=MAX_DISPLAY_NAME) != name:
        report("the end of a long name", name)
    for text in ("topic", "purpose"):
        if value := item.child(text).optional_text("value").strip():
            report(f"the {text} of a channel", value)
    if pins := item.children("pins"):
        report("the pins of a channel", len(pins))


def _require_new_pair(channel: Channel, pairs: set[tuple[UUID, ...]]) -> None:
    if len(channel.members) != 2:
        raise InvalidItem("not exactly two members", channel.folder)
    if channel.members in pairs:
        raise InvalidItem("duplicate direct conversation", channel.folder)
    pairs.add(channel.members)


def insert_conversation(
    connection: Connection[Any], channel: Channel, *, members: Sequence[UUID], owner: UUID | None
) -> bool:
    """Returns whether it is new. `members`: used when the export lists none. `owner`: owns all
    groups; None for the creator of the channel.
    """
    user_ids, owner_id = _members_and_owner(channel, members=members, owner=owner)
    row = {
        "id": channel.id,
        "kind": "direct" if channel.is_direct else "group",
        "name": channel.name,
        "direct_key": direct_key(user_ids) if channel.is_direct else None,
        "owner": owner_id,
        "creator": channel.creator or owner_id,
        "created_at": channel.created_at,
        "members": user_ids,
        "large": len(user_ids) > LARGE_GROUP,
    }
    return connection.execute(_INSERT, row).rowcount > 0


def _members_and_owner(
    channel: Channel, *, members: Sequence[UUID], owner: UUID | None
) -> tuple[list[UUID], UUID]:
    if channel.is_direct:
        return list(channel.members), channel.members[0]
    user_ids = dict.fromkeys([*([owner] if owner else []), *(channel.members or members)])
    if owner is not None or channel.creator not in user_ids:
        return list(user_ids), next(iter(user_ids))
    return list(user_ids), channel.creator


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
    SELECT id, member_id,
           CASE WHEN %(kind)s = 'group' AND member_id = %(owner)s THEN 'owner' ELSE 'member' END,
           %(created_at)s, %(large)s, %(created_at)s
    FROM conversation CROSS JOIN unnest(%(members)s::uuid[]) AS member_id
    """
