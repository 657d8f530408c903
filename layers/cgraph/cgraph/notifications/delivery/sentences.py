"""What a notification says outside of the API: who did what where, and never what they wrote."""

from collections.abc import Sequence

from cgraph.core.encoding import encode_json
from cgraph.mail.layout import Letter, Link
from cgraph.mail.wording import has_text, names, word
from cgraph.notifications.delivery.models import ContentRow, RecipientRow

LISTED_AT_MOST = 20
"""Notifications in a mail; the others are counted."""

TITLE_CHARACTERS = 200


def sentence(content: ContentRow) -> str:
    """For example "Ada and 2 others replied to you in Tea"."""
    key = f"notification.{content.kind}"
    where = word("place.in", place=content.place_name) if content.place_name else ""
    return word(
        key if has_text(key) else "notification.other",
        count=content.event_count,
        actors=names(content.actor_names, count=content.actor_count),
        where=where,
    )


def push_content(content: ContentRow, *, unread: int) -> bytes:
    """The JSON that a service worker gets."""
    title = sentence(content)
    shown = title if len(title) <= TITLE_CHARACTERS else f"{title[: TITLE_CHARACTERS - 1]}…"
    data = {
        "id": str(content.id),
        "kind": content.kind,
        "title": shown,
        "place": _reference(content.place_kind, content.place_id),
        "target": _reference(content.target_kind, content.target_id),
        "unread": unread,
    }
    return encode_json(data).encode()


def letter(contents: Sequence[ContentRow], *, to: RecipientRow, unsubscribe_url: str) -> Letter:
    """One mail about all of them."""
    count = len(contents)
    listed = tuple(sentence(content) for content in contents[:LISTED_AT_MOST])
    rest = count - len(listed)
    subject = listed[0] if count == 1 else word("mail.notifications.subject", count=count)
    return Letter(
        subject=subject,
        paragraphs=(
            word("mail.greeting", name=to.display_name),
            word("mail.notifications.intro", count=count),
        ),
        items=listed,
        more=word("mail.notifications.more", count=rest) if rest else "",
        footer=word("mail.notifications.why"),
        unsubscribe=Link(word("mail.unsubscribe"), unsubscribe_url),
    )


def _reference(kind: str | None, id: object) -> dict[str, str] | None:
    return {"kind": kind, "id": str(id)} if kind is not None else None
