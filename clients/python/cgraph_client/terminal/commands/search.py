"""Searching."""

from __future__ import annotations

from cgraph_client.models.search import SearchHit
from cgraph_client.terminal.commands.command import Command, CommandContext, UsageError
from cgraph_client.terminal.formatting import sanitize

FOUND = 10
WIDTH = 60
TEXTS = {
    "message": ("content",),
    "post": ("title", "body"),
    "comment": ("body",),
    "forum": ("name", "description", "slug"),
    "user": ("display_name", "username", "bio"),
}


async def search(context: CommandContext, words: str) -> None:
    if not words:
        raise UsageError("What do you look for? /search WORDS, also from:NAME or in:FORUM")
    page = await context.client.search.find(words, limit=FOUND)
    for hit in page.items:
        context.screen.show(sanitize(f"  {hit.type:<8}{_author_of(hit, context)}{_text_of(hit)}"))
    if page.corrected:
        context.screen.show(sanitize(f"(searched for {' '.join(page.corrected)} instead)"))
    if not page.items:
        context.screen.show("Nothing was found.")
    elif page.next is not None:
        more = "more than " if page.total.at_least else ""
        context.screen.show(f"({more}{page.total.count} in all; more words find fewer)")


def _author_of(hit: SearchHit, context: CommandContext) -> str:
    if hit.message is not None:
        return f"{context.view.inbox.username_of(hit.message.author_id)}: "
    content = hit.post or hit.comment
    return "" if content is None or content.author is None else f"{content.author.username}: "


def _text_of(hit: SearchHit) -> str:
    """The field that matches first, from a little before what matches in it."""
    found = getattr(hit, hit.type)
    name = next((each for each in TEXTS[hit.type] if each in hit.highlights), TEXTS[hit.type][0])
    text = str(getattr(found, name) or "")
    start = hit.highlights[name][0][0] if name in hit.highlights else 0
    begin = max(start - WIDTH // 3, 0)
    part = text[begin : begin + WIDTH]
    return f"{'…' if begin else ''}{part}{'…' if begin + WIDTH < len(text) else ''}"


COMMANDS = (
    Command("/search", "WORDS", "finds messages, posts, comments, forums and users", search),
)
