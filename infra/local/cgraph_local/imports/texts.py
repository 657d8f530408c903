"""Imported texts go through `cgraph.core.text`, as those of users do, but are kept whole: what it
refuses is removed, and named in the report.
"""

from __future__ import annotations

from collections.abc import Callable

from cgraph.core.text import (
    TextRefused,
    beginning,
    clean_line,
    clean_lines,
    comparison_key,
    many_lines,
)

UNLIMITED = 10**9


def body(text: str, *, changed: Callable[[str, object], None]) -> str:
    """It is empty where nothing of it can be seen. `changed`: takes a reason and a detail."""
    try:
        return many_lines(text, at_most=UNLIMITED, required=False)
    except TextRefused as refusal:
        changed(f"what cannot be stored was removed: {refusal.code}", ascii(text))
        return clean_lines(text)


def cut(text: str, *, at_most: int, changed: Callable[[str, object], None], what: str) -> str:
    """The first characters of a text that must not be longer."""
    kept = beginning(text, at_most=at_most)
    if kept != text:
        changed(f"{what} was cut", text)
    return kept


def tags(
    names: list[str], *, at_most: int, length: int, changed: Callable[[str, object], None]
) -> list[str]:
    """Each once, as they are compared, and none that nobody can see."""
    whole = [clean_line(name, at_most=UNLIMITED) for name in names]
    once = list({comparison_key(name): name for name in reversed(whole) if name}.values())[::-1]
    kept = [beginning(name, at_most=length).rstrip() for name in once[:at_most]]
    if len(whole) > at_most or kept != once[:at_most]:
        changed("its tags were cut", " ".join(names))
    elif len(once) < len(whole):
        changed("a tag that is there twice or is blank was left out", ascii(names))
    return kept
