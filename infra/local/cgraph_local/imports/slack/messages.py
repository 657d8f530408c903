"""The messages of a channel's days, on their way into the stage."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from cgraph.messages.rules import MENTIONS_AT_MOST
from cgraph_local.imports.identity import imported_id
from cgraph_local.imports.report import BadRow, Report
from cgraph_local.imports.slack.archive import Archive
from cgraph_local.imports.slack.conversations import Channel
from cgraph_local.imports.slack.emoji import reaction_of
from cgraph_local.imports.slack.json_object import Thing, moment_of
from cgraph_local.imports.slack.text import mentioned, parts_of, plain, said_in
from cgraph_local.imports.slack.users import SOURCE, Crowd
from cgraph_local.imports.staging_table import Stage

MESSAGES = (
    "conversation_id uuid",
    "stamp bigint",
    "part smallint",
    "id uuid",
    "author_id uuid",
    "content text",
    "reply_to uuid",
    "created_at timestamptz",
    "edited_at timestamptz",
    "is_deleted boolean",
    "mentions uuid[]",
    "reactions jsonb",
    "file text",
    "ts text",
)
REACTIONS = ("message_id uuid", "user_id uuid", "emoji text", "created_at timestamptz")

SPOKEN = {
    "",
    "bot_message",
    "file_comment",
    "file_share",
    "me_message",
    "reply_broadcast",
    "thread_broadcast",
}
GONE = "tombstone"
"""Of a message that was deleted and whose thread goes on."""


@dataclass(frozen=True, slots=True)
class Written:
    """One message, not yet cut into parts."""

    id: UUID
    stamp: int
    author: UUID
    content: str
    reply_to: UUID | None
    edited_at: int | None
    is_deleted: bool
    mentions: list[UUID]
    reactions: list[tuple[UUID, str]]


@dataclass(frozen=True, slots=True)
class Channels:
    """Reads them into `messages` and `reactions`."""

    archive: Archive
    crowd: Crowd
    report: Report
    messages: Stage
    reactions: Stage

    def read(self, channel: Channel, *, file: str) -> int:
        """One day. How many items it has; those that cannot be taken are reported."""
        number = 0
        for number, item in enumerate(self._items(file), start=1):
            try:
                message = Thing.of(item)
                self._stage(channel, self._written(channel, message), file=file)
            except BadRow as bad:
                where = item.get("ts") if isinstance(item, dict) else number
                self.report.leave_out(file, where, bad.reason, bad.detail)
        return number

    def _items(self, file: str) -> Iterator[Any]:
        try:
            yield from self.archive.items(file)
        except BadRow as bad:
            self.report.leave_out(file, None, bad.reason, bad.detail)

    def _written(self, channel: Channel, message: Thing) -> Written:
        kind, stamp = message.words("subtype"), message.stamp("ts")
        if kind not in SPOKEN and kind != GONE:
            raise BadRow(f"not said by anybody: {kind}")
        text = said_in(message)
        content = plain(text, usernames=self.crowd.usernames).strip()
        if not content and kind != GONE:
            raise BadRow("it says nothing")
        return Written(
            id=_message_id(channel, stamp),
            stamp=stamp,
            author=self._author(message, stamp=stamp),
            content="" if kind == GONE else content,
            reply_to=_parent(channel, message, stamp=stamp),
            edited_at=message.thing("edited").stamp("ts") if "edited" in message.values else None,
            is_deleted=kind == GONE,
            mentions=self._mentions(text),
            reactions=list(self._reactions(message, stamp=stamp)),
        )

    def _author(self, message: Thing, *, stamp: int) -> UUID:
        profile = message.thing("user_profile")
        name = profile.words("display_name") or profile.words("real_name")
        key = message.words("user")
        if not key:
            name = message.words("username") or message.thing("bot_profile").words("name")
            key = message.words("bot_id") or name
        if not key:
            raise BadRow("nobody wrote it")
        return self.crowd.id_of(key, name=name or key, seen_at=moment_of(stamp))

    def _mentions(self, text: str) -> list[UUID]:
        known = self.crowd.known
        return [known[key] for key in mentioned(text) if key in known][:MENTIONS_AT_MOST]

    def _reactions(self, message: Thing, *, stamp: int) -> Iterator[tuple[UUID, str]]:
        """Each once: two of Slack's names may be one emoji."""
        seen: set[tuple[UUID, str]] = set()
        for reaction in message.things("reactions"):
            emoji = reaction_of(reaction.words("name"))
            for key in reaction.keys("users"):
                pair = self.crowd.id_of(key, name=key, seen_at=moment_of(stamp)), emoji
                if emoji != "::" and pair not in seen:
                    seen.add(pair)
                    yield pair

    def _stage(self, channel: Channel, written: Written, *, file: str) -> None:
        """A message too long for one becomes several; the first is the one answered to."""
        parts = parts_of(written.content) or [""]
        if len(parts) > 1:
            reason = f"too long for one message: cut into {len(parts)}"
            self.report.change(file, written.stamp, reason)
        for part, content in enumerate(parts):
            first = part == 0
            piece = written if first else _further(written, channel, part=part)
            self._add(channel, replace(piece, content=content), part=part, file=file)

    def _add(self, channel: Channel, piece: Written, *, part: int, file: str) -> None:
        created_at = moment_of(piece.stamp)
        counts = Counter(emoji for _, emoji in piece.reactions)
        self.messages.add(
            *(channel.id, piece.stamp, part, piece.id, piece.author, piece.content),
            *(piece.reply_to, created_at),
            None if piece.edited_at is None else moment_of(piece.edited_at),
            piece.is_deleted,
            piece.mentions,
            json.dumps(counts),
            *(file, f"{piece.stamp / 1_000_000:.6f}"),
        )
        for person, emoji in piece.reactions:
            self.reactions.add(piece.id, person, emoji, created_at)


def _message_id(channel: Channel, stamp: int, part: int = 0) -> UUID:
    key = f"{channel.id}/{stamp}/{part}"
    return imported_id(moment_of(stamp), source=SOURCE, kind="message", key=key)


def _parent(channel: Channel, message: Thing, *, stamp: int) -> UUID | None:
    if not message.words("thread_ts"):
        return None
    thread = message.stamp("thread_ts")
    return _message_id(channel, thread) if thread != stamp else None


def _further(written: Written, channel: Channel, *, part: int) -> Written:
    id = _message_id(channel, written.stamp, part)
    return replace(written, id=id, mentions=[], reactions=[])
