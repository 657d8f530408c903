"""A fresh log-in: what lets somebody use the account who has no session, such as an API token or a
passkey, is added only soon after the user has proved who they are.
"""

from datetime import timedelta

from cgraph.accounts.auth.sessions import queries
from cgraph.accounts.errors import FreshLoginRequired
from cgraph.core import clock
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction

FRESH = timedelta(minutes=5)


async def require_fresh_login(tx: Transaction, *, caller: Caller) -> None:
    """Raises FreshLoginRequired where the session neither began nor was confirmed just now."""
    row = await queries.confirmation_of(tx, user_id=caller.id, session_id=caller.session_id)
    if row is None or row.confirmed_at < clock.now() - FRESH:
        raise FreshLoginRequired


async def mark_confirmed(tx: Transaction, *, caller: Caller) -> None:
    await queries.mark_confirmed(
        tx, user_id=caller.id, session_id=caller.session_id, now=clock.now()
    )
