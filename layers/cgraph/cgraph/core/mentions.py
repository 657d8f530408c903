"""Finds the names after an `@` in text that readers see."""

import re
from collections.abc import Iterable
from functools import cache
from typing import Literal

MENTIONS_AT_MOST = 50
"""Different names of one text; further names mention nobody."""


Broadcast = Literal["everyone", "here"]
"""A mention of all: of everyone, or of those who are online."""

_UNSPACED = (
    "[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\ua4cf\ua960-\ua97f\uac00-\ud7ff"
    "\uf900-\ufaff\ufe30-\ufe4f\uff66-\uffdf\U0001b000-\U0001b2ff\U00020000-\U0003ffff]+"
)
"""Scripts that are written without spaces, or with particles at the end of a name: 你好@zed你好."""

_WORDS = r"""
    @(?P<name>[A-Za-z0-9][A-Za-z0-9_.-]{1,31}+)(?![\w@])  # as fields.Username
    | @[\w.+@-]*+                    # no name: too long, or of an e-mail address
    | [\w+-]++\.[\w.+-]*+/\S*+       # example.org/@zed
    | \w[\w.+-]*+@*+[\w.+@-]*+       # a word, an e-mail address
    | [+-]++
"""
"""Each character is read once, however long the words are: what fails is tried once for a run."""


@cache
def _pattern(source: str) -> re.Pattern[str]:
    """Compiled for the first text that needs it: functions that only read have none."""
    return re.compile(source, re.VERBOSE)


def mentioned_names(text: str) -> list[str]:
    """Returns the first `MENTIONS_AT_MOST` names, in lower case, each with the punctuation that may
    belong to it: of `@bob.` it is `bob.`, and whether `bob.` or `bob` is meant depends on which of
    them exists.
    """
    names: dict[str, None] = {}
    if "@" not in text:
        return []
    if not text.isascii():
        text = _pattern(_UNSPACED).sub(",", text)
    for token in _pattern(_WORDS).finditer(text):
        if name := token["name"]:
            names[name.lower()] = None
            if len(names) == MENTIONS_AT_MOST:
                break
    return list(names)


def broadcast_mention(names: Iterable[str]) -> Broadcast | None:
    """`names`: as `mentioned_names` returns them. `@everyone` includes `@here`."""
    meant = {name.rstrip("._-") for name in names}
    if "everyone" in meant:
        return "everyone"
    return "here" if "here" in meant else None
