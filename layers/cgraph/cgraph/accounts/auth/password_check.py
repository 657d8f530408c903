from cgraph.accounts.auth import queries
from cgraph.accounts.errors import (
    InvalidCredentials,
)
from cgraph.core import limits
from cgraph.core.database import Transaction
from cgraph.core.ids import UserId


async def require_password(tx: Transaction, *, user_id: UserId, password: str) -> str:
    """Of somebody who is signed in, for what a stolen token must not do; the hash that is stored.
    Tries count with those of logging in. Raises InvalidCredentials, RateLimited.
    """
    found = await queries.password_of(tx, user_id=user_id)
    stored = found.password_hash if found else None
    await check_password(password, stored=stored, tried=str(user_id))
    assert stored is not None, "nobody's password is right"
    return stored


async def check_password(password: str, *, stored: str | None, tried: str) -> None:
    """Raises InvalidCredentials, RateLimited: `tried` has one budget, wherever it is tried."""
    from cgraph.accounts.auth import passwords

    (await limits.take(limits.PASSWORD, whose=f"login:{tried}")).require()
    if not passwords.matches(password, password_hash=stored):
        raise InvalidCredentials
