"""How messages look: plain text, or text with colours where the terminal has them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from cgraph_client.core.excerpts import excerpt
from cgraph_client.models.messages import Message, Quote
from cgraph_client.models.uploads import Attachment, Preview

_ALLOWED_CONTROLS = "\n\u200c\u200d"  # the joiners are part of some scripts and of many emojis


def sanitize(text: str) -> str:
    """Returns text of other people without characters that move the cursor or change the
    direction of the line."""
    return "".join(
        c if c.isprintable() or c in _ALLOWED_CONTROLS else "\N{REPLACEMENT CHARACTER}"
        for c in text
    )


def format_time(time: datetime) -> str:
    """Returns the local time, with the date where that is not today."""
    local = time.astimezone()
    is_today = local.date() == datetime.now(local.tzinfo).date()
    return local.strftime("%H:%M" if is_today else "%Y-%m-%d %H:%M")


def truncate(text: str, *, width: int) -> str:
    """Returns the text in one line of at most `width` characters."""
    line = " ".join(sanitize(text).split())
    return line if len(line) <= width else excerpt(line, at_most=width - 1) + "…"


def describe_size(number: int) -> str:
    """Returns a number of bytes as people say it."""
    size, unit = float(number), "B"
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            break
        size /= 1000
    return f"{size:.0f} {unit}" if unit == "B" or size >= 100 else f"{size:.1f} {unit}"


@dataclass(frozen=True, slots=True)
class Formatter:
    has_colours: bool

    def dim(self, text: str) -> str:
        return self._styled(text, "2")

    def bold(self, text: str) -> str:
        return self._styled(text, "1")

    def username(self, name: str) -> str:
        """Returns the name in a colour that is always the same for it."""
        return self._styled(name, f"1;3{1 + sum(name.encode()) % 6}")

    def message(self, message: Message, *, username_of: Callable[[str], str]) -> str:
        """Returns the message with its number, its quote in the line above and its reactions in the
        line below. Further lines are indented, so that nobody can imitate another message."""
        head = f"{message.seq:4} {format_time(message.created_at)} "
        author = sanitize(username_of(message.author_id))
        indent = " " * (len(head) + 2)
        first, *rest = self._content(message)
        lines = [f"{self.dim(head)}{self.username(author)}  {first}"]
        lines += [indent + line for line in rest]
        if message.quoted is not None:
            quote = self._quote(message.quoted, username_of=username_of)
            lines.insert(0, indent + self.dim(quote))
        lines += [
            indent + self.attachment(number, each)
            for number, each in enumerate(message.attachments, start=1)
        ]
        lines += [
            indent + self.preview(number, each)
            for number, each in enumerate(message.previews, start=len(message.attachments) + 1)
        ]
        if message.reactions:
            lines.append(indent + self.reactions(message))
        return "\n".join(lines)

    def attachment(self, number: int, attachment: Attachment) -> str:
        """Returns one line: the name and the alternative text are what somebody else wrote."""
        size = describe_size(attachment.size)
        facts = [attachment.kind or "file", size]
        if attachment.width and attachment.height:
            facts.insert(1, f"{attachment.width} × {attachment.height}")
        if attachment.duration_ms:
            facts.insert(1, f"{attachment.duration_ms / 1000:.0f} s")
        if attachment.spoiler:
            facts.append("spoiler")
        name = truncate(attachment.filename, width=60) or "file"
        about = self.dim(f"({', '.join(facts)})")
        alt = f" {truncate(attachment.alt, width=60)}" if attachment.alt else ""
        return f"[{number}] {self.bold(name)} {about}{alt}"

    def preview(self, number: int, preview: Preview) -> str:
        """Returns one line: the title and the site are what the page says about itself."""
        title, site = truncate(preview.title, width=60), truncate(preview.site, width=30)
        about = self.dim(f"({site}, picture)" if preview.picture else f"({site})")
        return f"[{number}] {self.bold(title)} {about}"

    def reactions(self, message: Message) -> str:
        """Returns each emoji with its count; the user's own reactions are in brackets."""
        counts = (
            f"[{emoji} {count}]" if emoji in message.my_reactions else f"{emoji} {count}"
            for emoji, count in message.reactions.items()
        )
        return sanitize("  ".join(counts))

    def _content(self, message: Message) -> Iterator[str]:
        if message.deleted_at is not None:
            yield self.dim("(deleted)")
            return
        *before, last = sanitize(message.content).split("\n")
        yield from before
        marks = [(message.edited_at, "(edited)"), (message.pinned_at, "(pinned)")]
        yield " ".join([last, *(self.dim(mark) for time, mark in marks if time is not None)])

    def _quote(self, quote: Quote, *, username_of: Callable[[str], str]) -> str:
        content = "(deleted)" if quote.deleted else truncate(quote.content, width=50)
        return f"> {sanitize(username_of(quote.author_id))}: {content}"

    def _styled(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.has_colours else text
