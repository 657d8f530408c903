"""How things look: plain text, or text with colours where the terminal has them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

_JOINERS = "\n\u200c\u200d"  # what scripts and emoji are joined with


def harmless(text: str) -> str:
    """Other people's text without what would move the cursor or turn the line around."""
    return "".join(
        c if c.isprintable() or c in _JOINERS else "\N{REPLACEMENT CHARACTER}" for c in text
    )


def clock(time: datetime) -> str:
    """Local time, with the date where it is not today's."""
    local = time.astimezone()
    is_today = local.date() == datetime.now(local.tzinfo).date()
    return local.strftime("%H:%M" if is_today else "%Y-%m-%d %H:%M")


def shortened(text: str, *, width: int) -> str:
    line = " ".join(harmless(text).split())
    return line if len(line) <= width else line[: width - 1] + "…"


@dataclass(frozen=True, slots=True)
class Paint:
    has_colours: bool

    def dim(self, text: str) -> str:
        return self._painted(text, "2")

    def bold(self, text: str) -> str:
        return self._painted(text, "1")

    def name(self, text: str) -> str:
        """A person's name, always in the same colour."""
        return self._painted(text, f"1;3{1 + sum(text.encode()) % 6}")

    def said(self, author: str, content: str, *, at: datetime) -> str:
        """One message; its further lines are indented, so nobody can fake another's."""
        when = clock(at)
        first, *rest = harmless(content).split("\n")
        lines = [f"{self.dim(when)} {self.name(author)}  {first}"]
        return "\n".join(lines + [" " * (len(when) + 3) + line for line in rest])

    def _painted(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.has_colours else text
