"""The import of an export: reads its zip file, cleans the messages and inserts them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from psycopg import Connection

from cgraph_local.core.progress import Progress
from cgraph_local.imports.errors import CannotImport, InvalidItem
from cgraph_local.imports.forum import find_user
from cgraph_local.imports.progress_meter import ProgressMeter
from cgraph_local.imports.report import Report
from cgraph_local.imports.slack import files, users
from cgraph_local.imports.slack.archive import Archive, open_archive
from cgraph_local.imports.slack.cleaning import StagedConversation, order_messages
from cgraph_local.imports.slack.conversations import (
    LISTS,
    Channel,
    insert_conversation,
    read_channels,
)
from cgraph_local.imports.slack.loading import MessageLoader
from cgraph_local.imports.slack.messages import MESSAGES, REACTIONS, MessageReader
from cgraph_local.imports.slack.users import UserDirectory
from cgraph_local.imports.staging_table import StagingTable
from cgraph_local.imports.uploads import Bucket, UploadImport


@dataclass(frozen=True, slots=True)
class ImportCounts:
    """How many did not exist before, by kind."""

    people: int
    conversations: int
    messages: int


@dataclass(frozen=True, slots=True)
class SlackImport:
    """`owner`: the username of the owner of all groups; None for the creators of the channels."""

    connection: Connection[Any]
    path: Path
    owner: str | None
    bucket: Bucket
    report: Report
    progress: Progress

    def run(self) -> ImportCounts:
        """Raises CannotImport, OSError."""
        owner = find_user(self.connection, username=self.owner) if self.owner else None
        with open_archive(self.path) as archive:
            directory, new_users = self._import_users(archive)
            channels = read_channels(archive, directory=directory, report=self.report)
            self._read_days(archive, channels, directory=directory)
            new_users += users.insert_unknown_users(
                self.connection, directory, report=self.report, progress=self.progress
            )
            self._import_files(archive)
        staged = {
            conversation.conversation_id: conversation
            for conversation in order_messages(self.connection, report=self.report)
        }
        conversations, messages = self._insert(channels, staged, owner=owner)
        return ImportCounts(new_users, conversations, messages)

    def _import_users(self, archive: Archive) -> tuple[UserDirectory, int]:
        """Returns the directory and the number of new users."""
        try:
            imported = users.read_users(archive, report=self.report)
        except InvalidItem as error:
            raise CannotImport(f"users.json of {self.path}: {error.reason}") from error
        inserted = users.insert_users(
            self.connection,
            list(imported.values()),
            file="users.json",
            report=self.report,
            progress=self.progress,
        )
        usernames = users.usernames_of(self.connection, imported)
        return UserDirectory({key: user.id for key, user in imported.items()}, usernames), inserted

    def _read_days(
        self, archive: Archive, channels: list[Channel], *, directory: UserDirectory
    ) -> None:
        messages = StagingTable(self.connection, name="staged_messages", columns=MESSAGES)
        reactions = StagingTable(self.connection, name="staged_reactions", columns=REACTIONS)
        staged = StagingTable(self.connection, name="staged_files", columns=files.FILES)
        contents = files.contents(archive.names)
        reader = MessageReader(
            archive, directory, self.report, messages, reactions, staged, contents
        )
        by_folder = {channel.folder: channel for channel in channels}
        meter = ProgressMeter(self.progress, "messages", sum(map(archive.size, archive.names)))
        done = 0
        for name in archive.names:
            done += archive.size(name)
            folder, _, day = name.rpartition("/")
            if folder in by_folder and day.endswith(".json"):
                meter.rows += reader.read(by_folder[folder], file=name)
            elif name not in ("users.json", *LISTS) and not files.is_content(name):
                self.report.leave_out(name, None, "not a day of an imported channel")
            meter.update(done)
        messages.finish("id")
        reactions.finish("message_id")
        staged.finish("message_id")
        meter.finish()

    def _import_files(self, archive: Archive) -> None:
        """Before the messages, which are inserted with what is ready."""
        work = UploadImport(self.connection, self.bucket, self.report)
        meter, ready = ProgressMeter(self.progress, "files", len(files.contents(archive.names))), []
        for file, is_ready in work.run(files.staged_files(self.connection, archive)):
            meter.rows += 1
            meter.update(meter.rows)
            ready += [file.id] if is_ready else []
        if meter.rows:
            files.attach(self.connection, ready)
            meter.finish()

    def _insert(
        self, channels: list[Channel], staged: dict[UUID, StagedConversation], *, owner: UUID | None
    ) -> tuple[int, int]:
        """Returns the numbers of new conversations and of new messages."""
        loader, conversations = MessageLoader(self.connection), 0
        meter = ProgressMeter(self.progress, "conversations", len(channels))
        for position, channel in enumerate(channels, start=1):
            messages = staged.get(channel.id)
            authors = messages.authors if messages else []
            if not channel.members and not authors and owner is None:
                self.report.leave_out(channel.folder, None, "a channel without members")
                continue
            conversations += insert_conversation(
                self.connection, channel, members=authors, owner=owner
            )
            if messages is not None:
                meter.rows += loader.load(messages)
            meter.update(position)
        meter.finish()
        return conversations, meter.rows
