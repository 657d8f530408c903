"""Where in a level of the tree a page begins."""

import math
from datetime import UTC, datetime
from uuid import UUID

from cgraph.core.errors import InvalidCursor
from cgraph.core.pagination import decode_cursor
from cgraph.forums.comments.tree.models import Position, Sort

_EPOCH_SECONDS = 30
_LATEST = 2**32
_FIRST = {
    Sort.BEST: UUID(int=2**128 - 1),
    Sort.NEW: UUID(int=2**128 - 1),
    Sort.OLD: UUID(int=0),
}


def beginning(sort: Sort) -> Position:
    return Position(None, math.inf, _FIRST[sort], 0)


def position_of(cursor: str, *, under: UUID, sort: Sort) -> Position:
    """As level_cursor() of infra/schema/forums/comment_tree.sql writes it. Raises InvalidCursor."""
    epoch, rank, id, seen = decode_cursor(f"comments:{under}:{sort}", cursor, int, str, str, int)
    try:
        moment = _moment(int(epoch)) if sort is Sort.BEST else None
        position = Position(moment, float(rank), UUID(str(id)), int(seen))
    except ValueError:
        raise InvalidCursor from None
    if math.isnan(position.rank) or not 0 <= position.seen < 2**31:
        raise InvalidCursor
    return position


def _moment(epoch: int) -> datetime:
    """Raises ValueError where no epoch begins there."""
    if epoch % _EPOCH_SECONDS or not 0 <= epoch < _LATEST:
        raise ValueError("not a boundary of epochs")
    return datetime.fromtimestamp(epoch, tz=UTC)
