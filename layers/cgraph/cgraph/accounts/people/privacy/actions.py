"""What a user lets others do and see."""

from cgraph.accounts.people.privacy import queries
from cgraph.accounts.people.privacy.models import Privacy, PrivacyChange
from cgraph.core.database import Transaction
from cgraph.core.errors import InvalidToken
from cgraph.core.ids import UserId


async def show_privacy(tx: Transaction, *, caller: UserId) -> Privacy:
    """Raises InvalidToken if the user no longer exists."""
    privacy = await queries.privacy_of(tx, user_id=caller)
    if privacy is None:
        raise InvalidToken
    return privacy


async def change_privacy(tx: Transaction, *, caller: UserId, change: PrivacyChange) -> Privacy:
    """Raises InvalidToken if the user no longer exists."""
    privacy = await queries.change_privacy(tx, user_id=caller, change=change)
    if privacy is None:
        raise InvalidToken
    return privacy
