"""Where the next page of a search begins."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cgraph.core.pagination import decode_cursor, encode_cursor
from cgraph.search.engine import Sort

_SCOPE = "postgres search"


@dataclass(frozen=True, slots=True)
class Position:
    """`rank`, `created_at`, `id`: of the last hit that was shown. `began_at`: when the first page
    was searched: the recency of all pages is measured from there. `total`: of the first page.
    """

    rank: float
    created_at: datetime
    id: UUID
    began_at: datetime
    total: int


def encode_position(position: Position, *, sort: Sort) -> str:
    return encode_cursor(
        f"{_SCOPE} {sort}",
        *(position.rank, position.created_at, position.id, position.began_at, position.total),
    )


def decode_position(text: str, *, sort: Sort) -> Position:
    """Raises InvalidCursor, also for a position of another order or engine."""
    kinds = (float, datetime, UUID, datetime, int)
    return Position(*decode_cursor(f"{_SCOPE} {sort}", text, *kinds))
