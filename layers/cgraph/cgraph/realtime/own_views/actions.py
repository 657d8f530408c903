"""How readers see an event who see its stream in their own way."""

from dataclasses import replace

from cgraph.core.database import Transaction
from cgraph.core.ids import UserId
from cgraph.events.models import Event
from cgraph.realtime.own_views import queries


async def own_views(tx: Transaction, *, event: Event) -> dict[UserId, Event]:
    """By reader."""
    rows = await queries.own_views(tx, event=event)
    return {
        UserId(row.user_id): replace(event, seq=row.own_seq, data=row.own_payload) for row in rows
    }
