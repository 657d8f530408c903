"""Converts Slack's markup, mrkdwn, to Markdown. What is no markup in Slack is escaped; names of
emoji become emoji, except in code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from cgraph_local.imports.slack.emoji import replace_names

_CODE = re.compile(r"```(.+?)```|`([^`\n]+)`", re.DOTALL)
_TOKEN = re.compile(r"<([^<>]*)>")
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}
_ENTITY = re.compile("|".join(_ENTITIES))
_LINK = re.compile(r"https?://|mailto:")
_STYLE = re.compile(
    r"(?<![\w*_~])(?P<mark>[*_~])(?=\S)(?P<inner>(?:(?!(?P=mark))[^\n])+)(?<=\S)(?P=mark)(?![\w*_~])"
)
_MARKS = {"*": "**", "_": "_", "~": "~~"}
_SPECIAL = re.compile(r"[\\`*~^|\[\]<]|(?<!\w)_|_(?!\w)|:::|&(?=#?\w+;)")
_LINE_START = re.compile(r"^( *)(#{1,6} |[-=]{2,} *$)", re.MULTILINE)
_INDENT = re.compile(r"^ {4,}", re.MULTILINE)
_STASHED = re.compile("\ue000(\\d+)\ue001")


def to_markdown(text: str, *, usernames: Mapping[str, str]) -> str:
    """`usernames`: by Slack's id."""
    return _Conversion(usernames).convert(text)


class _Conversion:
    """Code and tokens are kept aside while the words around them are escaped."""

    def __init__(self, usernames: Mapping[str, str]) -> None:
        self._usernames = usernames
        self._kept: list[str] = []

    def convert(self, text: str) -> str:
        text = text.replace("\ue000", "").replace("\ue001", "")
        text = _CODE.sub(lambda code: self._keep(self._code(code)), text)
        text = _TOKEN.sub(lambda token: self._keep(self._token(token[1])), text)
        text = _styled(_ENTITY.sub(_character, replace_names(text)))
        while _STASHED.search(text):  # code within a token is kept twice
            text = _STASHED.sub(lambda stashed: self._kept[int(stashed[1])], text)
        return text

    def _keep(self, markdown: str) -> str:
        self._kept.append(markdown)
        return f"\ue000{len(self._kept) - 1}\ue001"

    def _code(self, code: re.Match[str]) -> str:
        """In code a link is its address."""
        block, span = code.groups()
        source = _TOKEN.sub(lambda token: self._plain(token[1]), block or span)
        source = _ENTITY.sub(_character, source)
        return f"`{source}`" if block is None else f"\n```\n{source.strip(chr(10))}\n```\n"

    def _token(self, token: str) -> str:
        target, _, label = token.partition("|")
        if not _LINK.match(target):
            return _escape(_ENTITY.sub(_character, self._plain(token)))
        address = _ENTITY.sub(_character, target)
        if not label or label in (target, target.removeprefix("mailto:")):
            return f"<{address}>" if address.isprintable() and " " not in address else address
        return f"[{_escape(_ENTITY.sub(_character, label))}](<{address}>)"

    def _plain(self, token: str) -> str:
        """A person, a channel or a group by name, a link by its label or address."""
        target, _, label = token.partition("|")
        match target[:1]:
            case "@":
                return f"@{self._usernames.get(target[1:]) or label or target[1:]}"
            case "#":
                return f"#{label or target[1:]}"
            case "!":
                word = target[1:].split("^")[0]
                return f"@{word}" if word in ("here", "channel", "everyone") else label or word
        target = target.removeprefix("mailto:")
        return f"{label} ({target})" if label and not _LINK.match(target) else target


def _styled(text: str) -> str:
    """Bold, italic and struck text, which may be in one another; all else is escaped."""
    parts: list[str] = []
    position = 0
    for style in _STYLE.finditer(text):
        mark = _MARKS[style["mark"]]
        parts += [_escape(text[position : style.start()]), mark, _styled(style["inner"]), mark]
        position = style.end()
    return "".join((*parts, _escape(text[position:])))


def _escape(text: str) -> str:
    text = _SPECIAL.sub(r"\\\g<0>", _INDENT.sub("   ", text))
    return _LINE_START.sub(r"\1\\\2", text)


def _character(entity: re.Match[str]) -> str:
    return _ENTITIES[entity[0]]
