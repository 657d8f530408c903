"""What a notification says outside of the API: who did what where, and what they wrote only in push
messages of users who want it.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

from cgraph.core.encoding import encode_json
from cgraph.mail.layout import Letter, Link
from cgraph.mail.wording import has_text, names, word
from cgraph.notifications.delivery.models import ContentRow, RecipientRow

LISTED_AT_MOST = 20
"""Notifications in a mail; the others are counted."""

TITLE_CHARACTERS = 200
EXCERPT_CHARACTERS = 140
"""Of a push message, which may have some thousand bytes in all."""


def sentence(content: ContentRow, *, language: str) -> str:
    """For example "Ada and 2 others replied to you in Tea"."""
    key = f"notification.{content.kind}"
    place = content.place_name
    where = word("place.in", language=language, place=place) if place else ""
    return word(
        key if has_text(key) else "notification.other",
        language=language,
        count=content.event_count,
        actors=names(content.actor_names, count=content.actor_count, language=language),
        where=where,
    )


def push_data(content: ContentRow, *, to: RecipientRow) -> dict[str, Any]:
    """What a push message says."""
    title = sentence(content, language=to.language)
    text = _clipped(content.excerpt, EXCERPT_CHARACTERS) if content.excerpt else ""
    return {
        "id": str(content.id),
        "kind": content.kind,
        "title": _clipped(title, TITLE_CHARACTERS),
        **({"text": text} if text else {}),
        "place": _reference(content.place_kind, content.place_id),
        "target": _reference(content.target_kind, content.target_id),
        "unread": to.unread,
    }


def push_content(content: ContentRow, *, to: RecipientRow) -> bytes:
    """The JSON that a service worker gets."""
    return encode_json(push_data(content, to=to)).encode()


def letter(contents: Sequence[ContentRow], *, to: RecipientRow, unsubscribe_url: str) -> Letter:
    """One mail about all of them."""
    count = len(contents)
    say = partial(word, language=to.language)
    listed = tuple(sentence(content, language=to.language) for content in contents[:LISTED_AT_MOST])
    rest = count - len(listed)
    return Letter(
        subject=listed[0] if count == 1 else say("mail.notifications.subject", count=count),
        paragraphs=(
            say("mail.greeting", name=to.display_name),
            say("mail.notifications.intro", count=count),
        ),
        items=listed,
        more=say("mail.notifications.more", count=rest) if rest else "",
        footer=say("mail.notifications.why"),
        unsubscribe=Link(say("mail.unsubscribe"), unsubscribe_url),
        language=to.language,
    )


def _clipped(text: str, characters: int) -> str:
    return text if len(text) <= characters else f"{text[: characters - 1]}…"


def _reference(kind: str | None, id: object) -> dict[str, str] | None:
    return {"kind": kind, "id": str(id)} if kind is not None else None
