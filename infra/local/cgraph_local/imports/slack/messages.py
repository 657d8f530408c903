"""Reads the messages of channels into staging tables."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from uuid import UUID

from cgraph.core.markdown import render
from cgraph.core.mentions import MENTIONS_AT_MOST
from cgraph_local.imports import texts
from cgraph_local.imports.errors import InvalidItem
from cgraph_local.imports.identity import imported_id
from cgraph_local.imports.report import Report
from cgraph_local.imports.slack.archive import Archive
from cgraph_local.imports.slack.conversations import Channel
from cgraph_local.imports.slack.files import SlackFile, attached_files, file_name
from cgraph_local.imports.slack.json_object import JsonObject, to_datetime
from cgraph_local.imports.slack.message_text import commenter, link_previews, message_text
from cgraph_local.imports.slack.mrkdwn import to_markdown
from cgraph_local.imports.slack.reactions import read_reactions
from cgraph_local.imports.slack.text import mentioned_user_ids, split_content
from cgraph_local.imports.slack.users import SOURCE, UserDirectory
from cgraph_local.imports.staging_table import StagingTable

MESSAGES = (
    "conversation_id uuid",
    "timestamp_us bigint",
    "part smallint",
    "id uuid",
    "author_id uuid",
    "content text",
    "content_html text",
    "reply_to uuid",
    "created_at timestamptz",
    "edited_at timestamptz",
    "is_deleted boolean",
    "mentions uuid[]",
    "reactions jsonb",
    "file text",
    "ts text",
    "attachments jsonb",
)
REACTIONS = ("message_id uuid", "user_id uuid", "emoji text", "created_at timestamptz")

MESSAGE_SUBTYPES = {
    "",
    "bot_message",
    "file_comment",
    "file_share",
    "me_message",
    "reply_broadcast",
    "thread_broadcast",
}
TOMBSTONE = "tombstone"
"""The subtype of a message that was deleted and has replies."""


@dataclass(frozen=True, slots=True)
class ParsedMessage:
    """A message before it is split into parts. Its times are microseconds since 1970."""

    id: UUID
    timestamp_us: int
    author: UUID
    content: str
    reply_to: UUID | None
    edited_at_us: int | None
    is_deleted: bool
    mentions: list[UUID]
    reactions: list[tuple[UUID, str]]
    files: list[SlackFile]


@dataclass(frozen=True, slots=True)
class MessageReader:
    """`messages`, `reactions`, `files`: the staging tables that are filled. `contents`: of files,
    their names in the archive by Slack's id.
    """

    archive: Archive
    directory: UserDirectory
    report: Report
    messages: StagingTable
    reactions: StagingTable
    files: StagingTable
    contents: dict[str, str]

    def read(self, channel: Channel, *, file: str) -> int:
        """Reads a day and returns its number of items. Items that cannot be imported are
        reported.
        """
        number = 0
        for number, item in enumerate(self._items(file), start=1):
            try:
                message = JsonObject.of(item)
                self._stage(channel, self._parse(channel, message, file=file), file=file)
            except InvalidItem as error:
                where = item.get("ts") if isinstance(item, dict) else number
                self.report.leave_out(file, where, error.reason, error.detail)
        return number

    def _items(self, file: str) -> Iterator[Any]:
        try:
            yield from self.archive.items(file)
        except InvalidItem as error:
            self.report.leave_out(file, None, error.reason, error.detail)

    def _parse(self, channel: Channel, message: JsonObject, *, file: str) -> ParsedMessage:
        subtype, timestamp_us = message.optional_text("subtype"), message.timestamp("ts")
        if subtype not in MESSAGE_SUBTYPES and subtype != TOMBSTONE:
            raise InvalidItem(f"unsupported subtype: {subtype}")
        files = attached_files(
            message,
            found=self.contents,
            message_id=_message_id(channel, timestamp_us),
            at=timestamp_us,
        )
        text = message_text(message, attached={file.key for file in files})
        markdown = to_markdown(text, usernames=self.directory.usernames)
        changed = partial(self.report.change, file, message.optional_text("ts"))
        content = texts.body(markdown, changed=changed)
        if not content and not files and subtype != TOMBSTONE:
            raise InvalidItem("empty message")
        leave_out = partial(self.report.leave_out, file, message.optional_text("ts"))
        for preview in link_previews(message):
            leave_out("the preview of a link", preview)
        self._report_missing(message, files, leave_out=leave_out)
        return ParsedMessage(
            id=_message_id(channel, timestamp_us),
            timestamp_us=timestamp_us,
            author=self._author(message, timestamp_us=timestamp_us),
            content="" if subtype == TOMBSTONE else content,
            reply_to=_parent(channel, message, timestamp_us=timestamp_us),
            edited_at_us=message.child("edited").timestamp("ts")
            if "edited" in message.values
            else None,
            is_deleted=subtype == TOMBSTONE,
            mentions=self._mentions(text, leave_out=leave_out),
            reactions=read_reactions(
                message,
                directory=self.directory,
                seen_at=to_datetime(timestamp_us),
                leave_out=leave_out,
            ),
            files=files,
        )

    def _report_missing(
        self,
        message: JsonObject,
        files: list[SlackFile],
        *,
        leave_out: Callable[[str, object], None],
    ) -> None:
        """Only where the export has files: one of Slack's own has none at all."""
        keys = {file.key for file in files}
        for file in message.children("files") if self.contents else ():
            if file.optional_text("id") not in keys:
                leave_out("a file that is not in the export", file_name(file))

    def _author(self, message: JsonObject, *, timestamp_us: int) -> UUID:
        profile = message.child("user_profile")
        name = profile.optional_text("display_name") or profile.optional_text("real_name")
        key = commenter(message) or message.optional_text("user")
        if not key:
            name = message.optional_text("username") or message.child("bot_profile").optional_text(
                "name"
            )
            key = message.optional_text("bot_id") or name
        if not key:
            raise InvalidItem("no author")
        return self.directory.id_of(key, name=name or key, seen_at=to_datetime(timestamp_us))

    def _mentions(self, text: str, *, leave_out: Callable[[str, object], None]) -> list[UUID]:
        known = self.directory.known
        ids = [known[key] for key in mentioned_user_ids(text) if key in known]
        if len(ids) > MENTIONS_AT_MOST:
            leave_out("mentions above the limit of a message", len(ids) - MENTIONS_AT_MOST)
        return ids[:MENTIONS_AT_MOST]

    def _stage(self, channel: Channel, message: ParsedMessage, *, file: str) -> None:
        """A message that is too long becomes several. Replies refer to the first of them."""
        parts = split_content(message.content) or [""]
        if len(parts) > 1:
            reason = f"too long for one message: split into {len(parts)}"
            self.report.change(file, message.timestamp_us, reason)
        for part, content in enumerate(parts):
            piece = message if part == 0 else _continuation(message, channel, part=part)
            self._add(channel, replace(piece, content=content), part=part, file=file)

    def _add(self, channel: Channel, piece: ParsedMessage, *, part: int, file: str) -> None:
        created_at = to_datetime(piece.timestamp_us)
        ts = f"{piece.timestamp_us / 1_000_000:.6f}"
        counts = Counter(emoji for _, emoji in piece.reactions)
        self.messages.add(
            *(channel.id, piece.timestamp_us, part, piece.id, piece.author),
            *(piece.content, render(piece.content).html, piece.reply_to, created_at),
            None if piece.edited_at_us is None else to_datetime(piece.edited_at_us),
            piece.is_deleted,
            piece.mentions,
            json.dumps(counts),
            *(file, ts),
            "[]",
        )
        for place, each in enumerate(piece.files):
            self.files.add(*each.row(piece.id, place, owner_id=piece.author), file, ts)
        for user_id, emoji in piece.reactions:
            self.reactions.add(piece.id, user_id, emoji, created_at)


def _message_id(channel: Channel, timestamp_us: int, part: int = 0) -> UUID:
    key = f"{channel.id}/{timestamp_us}/{part}"
    return imported_id(to_datetime(timestamp_us), source=SOURCE, kind="message", key=key)


def _parent(channel: Channel, message: JsonObject, *, timestamp_us: int) -> UUID | None:
    if not message.optional_text("thread_ts"):
        return None
    thread = message.timestamp("thread_ts")
    return _message_id(channel, thread) if thread != timestamp_us else None


def _continuation(message: ParsedMessage, channel: Channel, *, part: int) -> ParsedMessage:
    id = _message_id(channel, message.timestamp_us, part)
    return replace(message, id=id, mentions=[], reactions=[], files=[])
