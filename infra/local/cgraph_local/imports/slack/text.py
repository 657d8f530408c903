"""Reads the text of messages."""

from __future__ import annotations

import re

from cgraph_client.core.excerpts import excerpt

MAX_CONTENT = 4000
_TOKEN = re.compile(r"<([^<>]*)>")


def mentioned_user_ids(text: str) -> list[str]:
    """Slack's ids, each once."""
    ids = (token[1:].split("|")[0] for token in _TOKEN.findall(text) if token.startswith("@"))
    return list(dict.fromkeys(ids))


def split_content(content: str) -> list[str]:
    """Splits at the end of a line or word, if possible, into parts that a message may have."""
    parts, rest = [], content.strip()
    while len(rest) > MAX_CONTENT:
        ends = (rest.rfind(mark, MAX_CONTENT // 2, MAX_CONTENT) for mark in ("\n", " "))
        whole = len(excerpt(rest, at_most=MAX_CONTENT))
        end = next((end for end in ends if end > 0), whole)
        parts.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return [*parts, rest] if rest else parts
