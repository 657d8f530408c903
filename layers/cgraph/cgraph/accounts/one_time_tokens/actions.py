from cgraph.accounts.errors import InvalidMailToken
from cgraph.accounts.one_time_tokens import queries
from cgraph.accounts.one_time_tokens.models import TokenRow
from cgraph.accounts.one_time_tokens.tokens import Purpose
from cgraph.core import clock
from cgraph.core.database import Transaction

BATCH = 10_000
"""Deleted by one statement, so that no lock is held for long."""


async def access_token(tx: Transaction, *, text: str, resets: bool) -> TokenRow:
    """`resets`: whether it must be for a password, and for an address otherwise. The statement that
    uses it looks again, under a lock. Raises InvalidMailToken.
    """
    row = await queries.token_by_text(tx, text=text, now=clock.now())
    if row is None or (row.purpose == Purpose.RESET_PASSWORD) is not resets:
        raise InvalidMailToken
    return row


async def expire_one_time_tokens(tx: Transaction) -> int:
    """Deletes those whose time is over. Returns how many there were."""
    total, now = 0, clock.now()
    while deleted := await queries.delete_expired(tx, now=now, limit=BATCH):
        total += deleted
    return total
