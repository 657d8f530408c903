"""The text of a message: its mentions and links written out, as plain text has them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from cgraph_local.imports.slack.json_object import Thing

CONTENT_AT_MOST = 4000
_TOKEN = re.compile(r"<([^<>]*)>")
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}
_ENTITY = re.compile("|".join(_ENTITIES))


def plain(text: str, *, usernames: Mapping[str, str]) -> str:
    """`usernames`: by Slack's id."""
    parts = _TOKEN.split(text)
    shown = [
        _written_out(part, usernames=usernames) if place % 2 else part
        for place, part in enumerate(parts)
    ]
    return _ENTITY.sub(lambda found: _ENTITIES[found[0]], "".join(shown))


def mentioned(text: str) -> list[str]:
    """Slack's ids, each once."""
    found = (token[1:].split("|")[0] for token in _TOKEN.findall(text) if token.startswith("@"))
    return list(dict.fromkeys(found))


def said_in(message: Thing) -> str:
    """With what it has beside its text: the names of files, and what bots put below."""
    lines = [message.words("text")]
    if not lines[0].strip():
        for attached in message.things("attachments"):
            lines += [attached.words("pretext"), attached.words("title")]
            lines.append(attached.words("text") or attached.words("fallback"))
    for file in message.things("files"):
        name = file.words("title") or file.words("name")
        lines.append(f"[file: {name or 'no name'}]")
    return "\n".join(line for line in lines if line.strip())


def parts_of(content: str) -> list[str]:
    """Each as long as a message may be, cut at the end of a line or a word where there is one."""
    parts, rest = [], content.strip()
    while len(rest) > CONTENT_AT_MOST:
        ends = (rest.rfind(end, CONTENT_AT_MOST // 2, CONTENT_AT_MOST) for end in ("\n", " "))
        at = next((end for end in ends if end > 0), CONTENT_AT_MOST)
        parts.append(rest[:at].rstrip())
        rest = rest[at:].lstrip()
    return [*parts, rest] if rest else parts


def _written_out(token: str, *, usernames: Mapping[str, str]) -> str:
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
