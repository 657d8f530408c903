"""Checks a password against the stored hash, with a limit on attempts."""

from cgraph.accounts.auth import queries
from cgraph.accounts.auth.models import PasswordRow
from cgraph.accounts.errors import InvalidCredentials
from cgraph.core import limits
from cgraph.core.database import Transaction
from cgraph.core.ids import UserId


async def require_password(tx: Transaction, *, user_id: UserId, password: str) -> PasswordRow:
    """Checks the password of a signed-in user before a change that a stolen access token must not
    allow. Returns what is stored. Attempts count together with attempts to log in. Raises
    InvalidCredentials, RateLimited.
    """
    stored = await queries.password_of(tx, user_id=user_id)
    stored_hash = stored.password_hash if stored else None
    await check_password(password, stored_hash=stored_hash, attempts_key=str(user_id))
    assert stored is not None, "without an account no password is right"
    return stored


async def check_password(password: str, *, stored_hash: str | None, attempts_key: str) -> None:
    """`attempts_key`: what the attempts are counted for, whatever address they come from. Raises
    InvalidCredentials, RateLimited.
    """
    from cgraph.accounts.auth import passwords

    (await limits.take(limits.PASSWORD, subject=f"login:{attempts_key}")).require()
    if not passwords.verify_password(password, password_hash=stored_hash):
        raise InvalidCredentials
