"""A user's notifications: what they list, and what they have seen and read, on any device."""

from datetime import datetime

from cgraph.core import clock
from cgraph.core.database import Transaction
from cgraph.core.ids import UserId
from cgraph.core.pagination import decode_cursor, page_json
from cgraph.media.public_urls import fill_public
from cgraph.notifications.errors import NotificationNotFound
from cgraph.notifications.inbox import queries
from cgraph.notifications.inbox.models import (
    Badge,
    MarkedRow,
    NotificationFilter,
    ReadNotifications,
    ReadRequest,
    SeenRequest,
)
from cgraph.realtime.announcements import announce_logged

MARKED_AT_ONCE = 1000


async def list_notifications(tx: Transaction, *, reader: UserId, filter: NotificationFilter) -> str:
    """A page of Notification, as JSON, newest first. Raises InvalidCursor."""
    scope = f"notifications:{reader}:{filter.unread}:{filter.mentions}"
    below = 2**63 - 1
    if filter.cursor is not None:
        (below,) = decode_cursor(scope, filter.cursor, int)
    rows = await queries.list_notifications(
        tx,
        reader=reader,
        only_unread=filter.unread,
        only_mentions=filter.mentions,
        below=below,
        limit=filter.limit + 1,
    )
    return fill_public(
        page_json(rows, limit=filter.limit, scope=scope, position=lambda row: (row.seq,))
    )


async def show_badge(tx: Transaction, *, user_id: UserId) -> Badge:
    return await queries.badge(tx, user_id=user_id)


async def read_notifications(
    tx: Transaction, *, user_id: UserId, request: ReadRequest
) -> ReadNotifications:
    """Ids that are not the user's, or not there any more, change nothing. Raises
    NotificationNotFound.
    """
    now = clock.now()
    row = await queries.read_notifications(
        tx,
        user_id=user_id,
        ids=request.ids,
        about=request.about,
        up_to=request.up_to,
        at_most=MARKED_AT_ONCE,
        now=now,
    )
    _announce(tx, row, now=now)
    return ReadNotifications(**row.badge, complete=row.is_complete)


async def see_notifications(tx: Transaction, *, user_id: UserId, request: SeenRequest) -> Badge:
    """Raises NotificationNotFound."""
    now = clock.now()
    row = await queries.see_notifications(tx, user_id=user_id, up_to=request.up_to, now=now)
    _announce(tx, row, now=now)
    return Badge(**row.badge)


def _announce(tx: Transaction, row: MarkedRow, *, now: datetime) -> None:
    """Raises NotificationNotFound."""
    if not row.is_known:
        raise NotificationNotFound
    if row.logged is not None:
        announce_logged(tx, [row.logged], audience=None, now=now)
