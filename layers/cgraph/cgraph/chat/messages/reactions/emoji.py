"""Which emoji there are: the sequences that Unicode lists."""

from functools import cache
from pathlib import Path

from cgraph.chat.errors import NotAnEmoji

STYLE = "\ufe0f"
"""The variation selector that asks for the coloured form. Keyboards leave it out, or add it where
Unicode needs none."""


def fully_qualified(text: str) -> str:
    """The fully qualified form of an emoji, by which it is stored: all forms of an emoji are one
    reaction. Raises NotAnEmoji.
    """
    emoji = _sequences().get(text.replace(STYLE, ""))
    if emoji is None:
        raise NotAnEmoji
    return emoji


@cache
def _sequences() -> dict[str, str]:
    """The fully qualified sequences by their form without variation selectors. Read on first use,
    in a few milliseconds.
    """
    lines = Path(__file__).with_name("emoji_sequences.txt").read_text(encoding="utf-8").splitlines()
    return {line.replace(STYLE, ""): line for line in lines[1:]}
