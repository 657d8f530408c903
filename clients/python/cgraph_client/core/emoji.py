"""Emoji and their short names, which are Slack's: `thumbsup`, `+1::skin-tone-3`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

STYLE = "\ufe0f"
"""The variation selector that asks for the coloured form. Keyboards write it or leave it out."""


def to_emoji(text: str) -> str:
    """Returns the emoji that a reaction is stored as, for any form of it and for a short name
    between colons. Other text stays as it is: the server may know newer emoji."""
    if text.startswith(":") and text.endswith(":"):
        return named_emoji(text) or text
    return _qualified_emoji().get(text.replace(STYLE, ""), text)


def named_emoji(name: str) -> str | None:
    """Returns the emoji of a short name, which may be between colons. `::skin-tone-3` at its end
    chooses the skin tone, `::skin-tone-3-5` those of two people. None if there is no such emoji."""
    word, _, tone = name.removeprefix(":").removesuffix(":").partition("::skin-tone-")
    variations = _variations_by_name().get(word, {})
    return variations.get(tone) or variations.get(f"{tone}-{tone}")


@cache
def _qualified_emoji() -> dict[str, str]:
    """The fully qualified emoji by their form without variation selectors."""
    variations = _variations_by_name().values()
    return {each.replace(STYLE, ""): each for tones in variations for each in tones.values()}


@cache
def _variations_by_name() -> dict[str, dict[str, str]]:
    """The variations of each emoji by skin tone; "" is the emoji without one. A line of the file
    has the emoji, its names, and variations such as `2=👍🏻`, with tabs between them."""
    by_name = dict[str, dict[str, str]]()
    path = Path(__file__).with_name("emoji_names.txt")
    for line in path.read_text(encoding="utf-8").splitlines()[1:]:
        emoji, names, *toned = line.split("\t")
        variations = {"": emoji}
        for each in toned[0].split(" ") if toned else ():
            tone, _, variation = each.partition("=")
            variations[tone] = variation
        by_name |= dict.fromkeys(names.split(" "), variations)
    return by_name
