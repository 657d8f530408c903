"""How a user wants to be notified."""

from cgraph.core.database import Transaction
from cgraph.core.ids import UserId
from cgraph.notifications.errors import UnknownTimeZone
from cgraph.notifications.preferences import queries
from cgraph.notifications.preferences.models import Preferences, PreferencesDraft


async def show_preferences(tx: Transaction, *, user_id: UserId) -> Preferences:
    return await queries.preferences(tx, user_id=user_id) or Preferences()


async def set_preferences(
    tx: Transaction, *, user_id: UserId, draft: PreferencesDraft
) -> Preferences:
    """Raises UnknownTimeZone."""
    preferences = await queries.set_preferences(tx, user_id=user_id, draft=draft)
    if preferences is None:
        raise UnknownTimeZone
    return preferences
