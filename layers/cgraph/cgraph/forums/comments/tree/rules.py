"""Positions in a level of the tree of comments, and the cursors that hold them."""

import math
from datetime import UTC, datetime
from uuid import UUID

from cgraph.core.errors import InvalidCursor
from cgraph.core.pagination import FIRST_ID, LAST_ID, decode_cursor
from cgraph.forums.comments.tree.models import CommentSort, LevelPosition

_EPOCH_SECONDS = 30
_LATEST_EPOCH = 2**32
_MAX_SKIPPED = 2**31 - 1


def first_position(sort: CommentSort) -> LevelPosition:
    return LevelPosition(None, math.inf, FIRST_ID if sort is CommentSort.OLD else LAST_ID, 0)


def decode_level_cursor(cursor: str, *, parent: UUID, sort: CommentSort) -> LevelPosition:
    """A cursor as `level_cursor()` in Postgres writes it. Raises InvalidCursor."""
    epoch, rank, id, skipped = decode_cursor(
        f"comments:{parent}:{sort}", cursor, int, float, UUID, int
    )
    if math.isnan(rank) or not 0 <= skipped <= _MAX_SKIPPED:
        raise InvalidCursor
    return LevelPosition(_ranks_at(epoch) if sort is CommentSort.BEST else None, rank, id, skipped)


def _ranks_at(epoch: int) -> datetime:
    """Raises InvalidCursor where no epoch of ranks begins at this Unix time."""
    if epoch % _EPOCH_SECONDS or not 0 <= epoch < _LATEST_EPOCH:
        raise InvalidCursor
    return datetime.fromtimestamp(epoch, tz=UTC)
