"""What a search reads in Postgres, beside what an engine reads."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.core.ids import UserId
from cgraph.search.engine import DocumentKey, Viewer


@dataclass(frozen=True, slots=True)
class ViewerRow:
    conversations: list[UUID] | None
    history_after: list[int] | None
    private_forums: list[UUID] | None
    moderated_forums: list[UUID] | None
    left_out: list[UUID]
    hidden_authors: list[UUID]
    author_names: list[str] | None
    author_ids: list[UUID] | None
    forum_ids: list[UUID]

    def viewer(self, id: UserId) -> Viewer:
        return Viewer(
            id=id,
            conversations=dict(
                zip(self.conversations or (), self.history_after or (), strict=True)
            ),
            private_forums=frozenset(self.private_forums or ()),
            moderated_forums=frozenset(self.moderated_forums or ()),
            banned_from=frozenset(self.left_out),
            hidden_authors=frozenset(self.hidden_authors),
        )

    def authors(self, names: Collection[str]) -> set[UUID]:
        found = zip(self.author_names or (), self.author_ids or (), strict=True)
        return {id for name, id in found if name in names}


@dataclass(frozen=True, slots=True)
class HitRow:
    """`item`: JSON, as the API shows it. `matched`: words of it, folded."""

    type: str
    id: UUID
    item: str
    matched: list[str]


@dataclass(frozen=True, slots=True)
class SuggestionRow:
    type: str
    id: UUID
    title: str
    name: str
    matched: list[str]


@dataclass(frozen=True, slots=True)
class ItemsRow:
    """JSON objects, separated by commas; None if there are none."""

    items: str | None


async def viewer_row(
    tx: Transaction,
    id: UserId,
    *,
    usernames: Collection[str] = (),
    slugs: Collection[str] = (),
) -> ViewerRow:
    """With the authors and forums that the names name. Those that do not exist are left out."""
    row = await tx.fetch_one(
        ViewerRow,
        "SELECT * FROM search_viewer(%(id)s, %(usernames)s, %(slugs)s)",
        {"id": id, "usernames": list(usernames), "slugs": list(slugs)},
    )
    assert row is not None, "the function always returns one row"
    return row


async def hits(
    tx: Transaction,
    keys: Sequence[DocumentKey],
    *,
    viewer: UserId,
    words: Sequence[str],
    beginning: str | None,
) -> list[HitRow]:
    """Of the keys those that the viewer may see, in their order."""
    return await tx.fetch(
        HitRow,
        """
        SELECT type, id, item, matched
        FROM search_hits(%(viewer)s, %(types)s, %(ids)s, %(words)s, %(beginning)s)
        """,
        {
            "viewer": viewer,
            "types": [key.type for key in keys],
            "ids": [key.id for key in keys],
            "words": list(words),
            "beginning": beginning,
        },
    )


async def suggestions(
    tx: Transaction, keys: Sequence[DocumentKey], *, viewer: UserId, beginning: str
) -> list[SuggestionRow]:
    return await tx.fetch(
        SuggestionRow,
        """
        SELECT type, id, title, name, matched
        FROM search_suggestions(%(viewer)s, %(types)s, %(ids)s, %(beginning)s)
        """,
        {
            "viewer": viewer,
            "types": [key.type for key in keys],
            "ids": [key.id for key in keys],
            "beginning": beginning,
        },
    )


async def listed_posts(
    tx: Transaction, keys: Sequence[DocumentKey], *, viewer: UserId, moderates: bool
) -> str:
    """Those that the viewer's lists contain, as JSON, separated by commas."""
    row = await tx.fetch_one(
        ItemsRow,
        "SELECT listed_posts_json(%(ids)s, %(viewer)s, %(moderates)s) AS items",
        {"ids": [key.id for key in keys], "viewer": viewer, "moderates": moderates},
    )
    return (row and row.items) or ""
