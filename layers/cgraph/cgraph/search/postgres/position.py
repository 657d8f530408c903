"""Where the next page of a search begins."""

import math
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cgraph.core.pagination import (
    END_OF_TIME,
    LAST_ID,
    decode_cursor,
    encode_cursor,
)
from cgraph.search.engine import Sort

_SCOPE = "postgres search"
FIRST_RANK = math.inf


@dataclass(frozen=True, slots=True)
class Position:
    """`rank`, `created_at`, `id`: of the last hit that was shown. `before`: by relevance, documents
    before this time are ranked. `began_at`: when the first page was searched: the recency of all
    pages is measured from there. `total`, `is_complete`: of the first page.
    """

    rank: float
    created_at: datetime
    id: UUID
    before: datetime
    began_at: datetime
    total: int
    is_complete: bool


def first_position(began_at: datetime) -> Position:
    return Position(FIRST_RANK, END_OF_TIME, LAST_ID, END_OF_TIME, began_at, 0, True)


def encode_position(position: Position, *, sort: Sort) -> str:
    return encode_cursor(
        f"{_SCOPE} {sort}",
        *(position.rank, position.created_at, position.id, position.before, position.began_at),
        *(position.total, int(position.is_complete)),
    )


def decode_position(text: str, *, sort: Sort) -> Position:
    """Raises InvalidCursor, also for a position of another order or engine."""
    kinds = (float, datetime, UUID, datetime, datetime, int, int)
    rank, created_at, id, before, began_at, total, is_complete = decode_cursor(
        f"{_SCOPE} {sort}", text, *kinds
    )
    return Position(rank, created_at, id, before, began_at, total, bool(is_complete))
