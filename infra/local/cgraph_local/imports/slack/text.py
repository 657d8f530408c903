"""Converts the text of messages: mentions and links become plain text, names of emoji become
emoji.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from cgraph_local.imports.slack.emoji import replace_names

MAX_CONTENT = 4000
_CODE = re.compile(r"(```.*?```|`[^`\n]+`)", re.DOTALL)
_TOKEN = re.compile(r"<([^<>]*)>")
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}
_ENTITY = re.compile("|".join(_ENTITIES))


def to_plain_text(text: str, *, usernames: Mapping[str, str]) -> str:
    """`usernames`: by Slack's id. In code, names of emoji stay."""
    converted: list[str] = []
    for position, part in enumerate(_CODE.split(text)):
        plain, tokens = _TOKEN.split(part)[::2], _TOKEN.findall(part)
        plain = plain if position % 2 else [replace_names(each) for each in plain]
        tokens = [_convert_token(each, usernames=usernames) for each in tokens]
        converted += [each for pair in zip(plain, [*tokens, ""], strict=True) for each in pair]
    return _ENTITY.sub(lambda match: _ENTITIES[match[0]], "".join(converted))


def mentioned_user_ids(text: str) -> list[str]:
    """Slack's ids, each once."""
    ids = (token[1:].split("|")[0] for token in _TOKEN.findall(text) if token.startswith("@"))
    return list(dict.fromkeys(ids))


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
