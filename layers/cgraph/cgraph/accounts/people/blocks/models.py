from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cgraph.core.fields import Model


class BlockChanged(Model):
    """The data of `block.added` and `block.removed`, which go to the blocking user's own devices
    only. `user_id`: the user who is blocked, or no longer is.
    """

    user_id: UUID


@dataclass(frozen=True, slots=True)
class BlockedUserRow:
    """A User as JSON; `blocked_at` and `id` are its position in the list."""

    blocked_at: datetime
    id: UUID
    json: str


@dataclass(frozen=True, slots=True)
class BlockRow:
    """`is_known`: whether the other user exists. `seq`: the event's number in the blocking user's
    stream, or None if nothing changed.
    """

    is_known: bool
    seq: int | None
