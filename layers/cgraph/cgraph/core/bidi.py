"""Keeps the direction of a text from changing what follows it."""

import re
from collections.abc import Iterator

MARKS_AT_MOST = 100
"""In one text; more serve nobody."""

_MARKS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_POP_ISOLATE, _POP_EMBEDDING = "\u2069", "\u202c"
_ENDS = dict.fromkeys("\u2066\u2067\u2068", _POP_ISOLATE)
_ENDS |= dict.fromkeys("\u202a\u202b\u202d\u202e", _POP_EMBEDDING)
"""Of isolates, and of embeddings and overrides."""

_PARAGRAPH_END = re.compile(r"([\n\r\x1c-\x1e\x85\u2029])")


def without_excess(text: str) -> str:
    """Drops the marks of a text that has more than `MARKS_AT_MOST`."""
    if text.isascii() or len(_MARKS.findall(text)) <= MARKS_AT_MOST:
        return text
    return _MARKS.sub("", text)


def balanced(text: str) -> str:
    """The text with each of its direction controls closed in its own line, so that it changes the
    direction of nothing around it; ends without a beginning are removed. Returns the same object if
    there are none.
    """
    if text.isascii() or not _MARKS.search(text):
        return text
    return "".join("".join(_balanced(line)) for line in _PARAGRAPH_END.split(text))


def _balanced(line: str) -> Iterator[str]:
    """The end of an isolate also ends the embeddings within it, which a renderer may not know."""
    ends: list[str] = []
    for character in line:
        if end := _ENDS.get(character):
            ends.append(end)
        elif character in (_POP_ISOLATE, _POP_EMBEDDING):
            if character not in (ends if character == _POP_ISOLATE else ends[-1:]):
                continue
            while (end := ends.pop()) != character:
                yield end
        yield character
    yield from reversed(ends)
