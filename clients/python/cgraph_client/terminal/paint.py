"""How things look: plain text, or text with colours where the terminal has them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from cgraph_client.models import Message, Quote

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

    def message(self, message: Message, *, name_of: Callable[[str], str]) -> str:
        """Its number and what was said; above it what it replies to, below it the reactions. Each
        further line is indented, so nobody can fake another's."""
        head = f"{message.seq:4} {clock(message.created_at)} "
        author = harmless(name_of(message.author_id))
        indent = " " * (len(head) + 2)
        first, *rest = self._content(message)
        lines = [f"{self.dim(head)}{self.name(author)}  {first}"]
        lines += [indent + line for line in rest]
        if message.quoted is not None:
            lines.insert(0, indent + self.dim(self._quote(message.quoted, name_of=name_of)))
        if message.reactions:
            lines.append(indent + self.reactions(message))
        return "\n".join(lines)

    def reactions(self, message: Message) -> str:
        """In brackets what one reacted with oneself."""
        counts = (
            f"[{emoji} {count}]" if emoji in message.my_reactions else f"{emoji} {count}"
            for emoji, count in message.reactions.items()
        )
        return harmless("  ".join(counts))

    def _content(self, message: Message) -> Iterator[str]:
        if message.deleted_at is not None:
            yield self.dim("(deleted)")
            return
        *before, last = harmless(message.content).split("\n")
        yield from before
        marks = [(message.edited_at, "(edited)"), (message.pinned_at, "(pinned)")]
        yield " ".join([last, *(self.dim(mark) for when, mark in marks if when is not None)])

    def _quote(self, quote: Quote, *, name_of: Callable[[str], str]) -> str:
        said = "(deleted)" if quote.deleted else shortened(quote.content, width=50)
        return f"> {harmless(name_of(quote.author_id))}: {said}"

    def _painted(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.has_colours else text
