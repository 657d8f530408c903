from datetime import datetime
from uuid import UUID

from cgraph.accounts.people.models import User
from cgraph.core.fields import Model


class BlockChanged(Model):
    """What `block.added` and `block.removed` tell one's own devices."""

    user_id: UUID


class BlockedUser(User):
    """`blocked_at`: the place in the list."""

    blocked_at: datetime


class BlockRow(Model):
    """`seq`: the change's number in one's own stream; None where nothing changed."""

    is_known: bool
    seq: int | None
