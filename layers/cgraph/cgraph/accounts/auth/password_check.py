"""Checks a password against the stored hash, with a limit on attempts."""

from cgraph.accounts.auth import attempts, queries
from cgraph.accounts.auth.attempts import Attempt
from cgraph.accounts.auth.models import PasswordRow
from cgraph.accounts.errors import InvalidCredentials
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction


async def require_password(tx: Transaction, *, caller: Caller, password: str) -> PasswordRow:
    """Checks the password of a signed-in user before a change that a stolen access token must not
    allow. Returns what is stored. Attempts are counted for the session. Raises InvalidCredentials,
    RateLimited.
    """
    stored = await queries.password_of(tx, user_id=caller.id)
    stored_hash = stored.password_hash if stored else None
    await check_password(password, stored_hash=stored_hash, attempt=Attempt.of_caller(caller))
    assert stored is not None, "without an account no password is right"
    return stored


async def check_password(password: str, *, stored_hash: str | None, attempt: Attempt) -> None:
    """`attempt`: for what and for whom it is counted. Raises InvalidCredentials, RateLimited."""
    from cgraph.accounts.auth import passwords

    taken = await attempts.take_password(attempt)
    if not passwords.verify_password(password, password_hash=stored_hash):
        raise InvalidCredentials
    await taken.give_back()
