"""Keeps the direction of a text from changing what follows it."""

import re

_PAIRS = {
    **dict.fromkeys("\u202a\u202b\u202d\u202e", "\u202c"),
    **dict.fromkeys("\u2066\u2067\u2068", "\u2069"),
}
_MARKS = re.compile("[\u202a-\u202e\u2066-\u2069]")


MARKS_AT_MOST = 100
"""In one text; more serve nobody."""


def without_excess(text: str) -> str:
    """Drops the marks of a text that has more than `MARKS_AT_MOST`."""
    if text.isascii() or len(_MARKS.findall(text)) <= MARKS_AT_MOST:
        return text
    return _MARKS.sub("", text)


def balanced(text: str) -> str:
    """Closes the embeddings, overrides and isolates that the text leaves open, and drops the ends
    of those that it has not opened. Returns the same object if there are none.
    """
    if text.isascii() or not _MARKS.search(text):
        return text
    open_ends: list[str] = []
    parts: list[str] = []
    position = 0
    for mark in _MARKS.finditer(text):
        parts.append(text[position : mark.start()])
        position = mark.end()
        if end := _PAIRS.get(mark[0]):
            open_ends.append(end)
        elif not open_ends or open_ends[-1] != mark[0]:
            continue
        else:
            open_ends.pop()
        parts.append(mark[0])
    return "".join((*parts, text[position:], *reversed(open_ends)))
