"""Unicode's emoji, from the library `emoji`."""

from importlib.metadata import version
from pathlib import Path

import emoji

ROOT = Path(__file__).resolve().parent.parent.parent
PATH = ROOT / "layers/cgraph/cgraph/chat/messages/reactions/emoji_sequences.txt"

STYLE = "\ufe0f"
"""The variation selector that asks for the coloured form. Where it is left out, the sequence is
minimally qualified or unqualified."""


def new_text() -> str:
    """A line for each emoji."""
    return written_by("emoji", lines=sequences())


def sequences() -> list[str]:
    """Fully qualified, and the components (skin tones, hair), which are emoji on their own too."""
    statuses = (emoji.STATUS["fully_qualified"], emoji.STATUS["component"])
    found = [key for key, data in emoji.EMOJI_DATA.items() if data["status"] in statuses]
    assert len(set(map(plain, found))) == len(found), "two emoji differ only in their style"
    return sorted(found)


def plain(sequence: str) -> str:
    return sequence.replace(STYLE, "")


def written_by(*libraries: str, lines: list[str]) -> str:
    names = ", ".join(f"{library} {version(library)}" for library in libraries)
    return "\n".join((f"# Written by scripts/emoji_data from {names}.", *lines, ""))
