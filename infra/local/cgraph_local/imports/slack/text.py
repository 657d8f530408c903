"""Converts the text of messages: mentions and links become plain text."""

from __future__ import annotations

import re
from collections.abc import Mapping

from cgraph_local.imports.slack.json_object import JsonObject

MAX_CONTENT = 4000
_TOKEN = re.compile(r"<([^<>]*)>")
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}
_ENTITY = re.compile("|".join(_ENTITIES))


def to_plain_text(text: str, *, usernames: Mapping[str, str]) -> str:
    """`usernames`: by Slack's id."""
    parts = _TOKEN.split(text)
    converted = [
        _convert_token(part, usernames=usernames) if position % 2 else part
        for position, part in enumerate(parts)
    ]
    return _ENTITY.sub(lambda match: _ENTITIES[match[0]], "".join(converted))


def mentioned_user_ids(text: str) -> list[str]:
    """Slack's ids, each once."""
    ids = (token[1:].split("|")[0] for token in _TOKEN.findall(text) if token.startswith("@"))
    return list(dict.fromkeys(ids))


def message_text(message: JsonObject) -> str:
    """The text with the names of files; without a text, that of the attachments (of bots)."""
    lines = [message.optional_text("text")]
    if not lines[0].strip():
        for attachment in message.children("attachments"):
            lines += [attachment.optional_text("pretext"), attachment.optional_text("title")]
            lines.append(attachment.optional_text("text") or attachment.optional_text("fallback"))
    for file in message.children("files"):
        name = file.optional_text("title") or file.optional_text("name")
        lines.append(f"[file: {name or 'no name'}]")
    return "\n".join(line for line in lines if line.strip())


def split_content(content: str) -> list[str]:
    """Splits at the end of a line or word, if possible, into parts that a message may have."""
    parts, rest = [], content.strip()
    while len(rest) > MAX_CONTENT:
        ends = (rest.rfind(mark, MAX_CONTENT // 2, MAX_CONTENT) for mark in ("\n", " "))
        end = next((end for end in ends if end > 0), MAX_CONTENT)
        parts.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return [*parts, rest] if rest else parts


def _convert_token(token: str, *, usernames: Mapping[str, str]) -> str:
    target, _, label = token.partition("|")
    match target[:1]:
        case "@":
            name = usernames.get(target[1:])
            return f"@{name or label or target[1:]}"
        case "#":
            return f"#{label or target[1:]}"
        case "!":
            word = target[1:].split("^")[0]
            return f"@{word}" if word in ("here", "channel", "everyone") else label or word
    target = target.removeprefix("mailto:")
    return f"{label} ({target})" if label and label != target else target
