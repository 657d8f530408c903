"""Reads the text of messages."""

from __future__ import annotations

import re

from cgraph_local.imports.slack.json_object import JsonObject

MAX_CONTENT = 4000
_TOKEN = re.compile(r"<([^<>]*)>")


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
