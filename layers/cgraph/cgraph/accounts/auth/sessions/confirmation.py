"""A fresh log-in: what lets somebody use the account who has no session, such as an API token or a
passkey, is added only soon after the user has proved who they are.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cgraph.accounts.errors import FreshLoginRequired
from cgraph.core import clock
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction

FRESH = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class ConfirmationRow:
    confirmed_at: datetime


async def require_fresh_login(tx: Transaction, *, caller: Caller) -> None:
    """Raises FreshLoginRequired where the session neither began nor was confirmed just now."""
    row = await tx.fetch_one(
        ConfirmationRow,
        """
        SELECT greatest(created_at, confirmed_at) AS confirmed_at
        FROM sessions
        WHERE id = %(id)s AND user_id = %(user_id)s AND ended_at IS NULL
        """,
        {"id": caller.session_id, "user_id": caller.id},
    )
    if row is None or row.confirmed_at < clock.now() - FRESH:
        raise FreshLoginRequired


async def mark_confirmed(tx: Transaction, *, caller: Caller) -> None:
    await tx.execute(
        "UPDATE sessions SET confirmed_at = %(now)s WHERE id = %(id)s AND user_id = %(user_id)s",
        {"now": clock.now(), "id": caller.session_id, "user_id": caller.id},
    )
