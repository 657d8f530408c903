"""Reads the reactions to a message."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from cgraph_local.imports.slack.emoji import to_emoji
from cgraph_local.imports.slack.json_object import JsonObject
from cgraph_local.imports.slack.users import UserDirectory


def read_reactions(
    message: JsonObject,
    *,
    directory: UserDirectory,
    seen_at: datetime,
    leave_out: Callable[[str, object], None],
) -> list[tuple[UUID, str]]:
    """Users and their emoji, each once, because two of Slack's names may mean the same emoji.
    `leave_out` reports the reason and detail of reactions that are not imported.
    """
    pairs: dict[tuple[UUID, str], None] = {}
    for reaction in message.children("reactions"):
        name, users = reaction.optional_text("name"), reaction.strings("users")
        emoji = to_emoji(name)
        if emoji is None:
            leave_out("a reaction with the workspace's own emoji", f"{name}: {len(users)}")
            continue
        count = reaction.values.get("count")
        if isinstance(count, int) and count > len(users):
            leave_out("reactions of users that the export omits", f"{name}: {count - len(users)}")
        for key in users:
            pairs[directory.id_of(key, name=key, seen_at=seen_at), emoji] = None
    return list(pairs)
