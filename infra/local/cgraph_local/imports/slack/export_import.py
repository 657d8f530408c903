"""One import of one export, from its zip file to conversations."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from psycopg import Connection

from cgraph_local.core.progress import Progress
from cgraph_local.imports.forum import CannotImport, find_person
from cgraph_local.imports.progress_meter import Meter
from cgraph_local.imports.report import BadRow, Report
from cgraph_local.imports.slack import users
from cgraph_local.imports.slack.archive import Archive, open_archive
from cgraph_local.imports.slack.cleaning import Talk, settle
from cgraph_local.imports.slack.conversations import (
    LISTS,
    Channel,
    merge_channel,
    read_channels,
)
from cgraph_local.imports.slack.loading import Talks
from cgraph_local.imports.slack.messages import MESSAGES, REACTIONS, Channels
from cgraph_local.imports.slack.users import Crowd
from cgraph_local.imports.staging_table import Stage


@dataclass(frozen=True, slots=True)
class Merged:
    """How many were not there before."""

    people: int
    conversations: int
    messages: int


@dataclass(frozen=True, slots=True)
class ExportImport:
    """`owner`: the username of who shall own each group; without it whoever made the channel."""

    connection: Connection[Any]
    path: Path
    owner: str | None
    report: Report
    progress: Progress

    def run(self) -> Merged:
        """Raises CannotImport, OSError."""
        owner = find_person(self.connection, username=self.owner) if self.owner else None
        with open_archive(self.path) as archive:
            crowd, new_people = self._people(archive)
            channels = read_channels(archive, crowd=crowd, report=self.report)
            self._read_days(archive, channels, crowd=crowd)
        new_people += users.merge_unknown(self.connection, crowd, progress=self.progress)
        talks = {talk.conversation_id: talk for talk in self._settled()}
        conversations, messages = self._merge(channels, talks, owner=owner)
        return Merged(new_people, conversations, messages)

    def _people(self, archive: Archive) -> tuple[Crowd, int]:
        try:
            found = users.read_people(archive, report=self.report)
        except BadRow as bad:
            raise CannotImport(f"users.json of {self.path}: {bad.reason}") from bad
        fresh = users.merge_people(
            self.connection, list(found.values()), file="users.json", progress=self.progress
        )
        usernames = users.usernames_of(self.connection, found)
        return Crowd({key: person.id for key, person in found.items()}, usernames), fresh

    def _read_days(self, archive: Archive, channels: list[Channel], *, crowd: Crowd) -> None:
        messages = Stage(self.connection, table="staged_messages", columns=MESSAGES)
        reactions = Stage(self.connection, table="staged_reactions", columns=REACTIONS)
        reading = Channels(archive, crowd, self.report, messages, reactions)
        by_folder = {channel.folder: channel for channel in channels}
        meter = Meter(self.progress, "messages", sum(map(archive.size, archive.names)))
        at = 0
        for name in archive.names:
            at += archive.size(name)
            folder, _, day = name.rpartition("/")
            if folder in by_folder and day.endswith(".json"):
                meter.rows += reading.read(by_folder[folder], file=name)
            elif name not in ("users.json", *LISTS):
                self.report.leave_out(name, None, "no day of a channel that is imported")
            meter.reached(at)
        messages.complete("id")
        reactions.complete("message_id")
        meter.done()

    def _settled(self) -> list[Talk]:
        return list(settle(self.connection, report=self.report))

    def _merge(
        self, channels: list[Channel], talks: dict[UUID, Talk], *, owner: UUID | None
    ) -> tuple[int, int]:
        """New conversations, new messages."""
        merging, conversations = Talks(self.connection), 0
        meter = Meter(self.progress, "written", len(channels))
        for place, channel in enumerate(channels, start=1):
            talk = talks.get(channel.id)
            authors = talk.authors if talk else []
            if not channel.members and not authors and owner is None:
                self.report.leave_out(channel.folder, None, "a channel that nobody is in")
                continue
            conversations += merge_channel(self.connection, channel, members=authors, owner=owner)
            if talk is not None:
                meter.rows += merging.merge(talk)
            meter.reached(place)
        meter.done()
        return conversations, meter.rows
