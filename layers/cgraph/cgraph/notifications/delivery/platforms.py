"""Which push services this installation sends to."""

from typing import Literal

from cgraph.core.settings import settings
from cgraph.notifications.delivery.errors import PlatformNotAvailable

Platform = Literal["web", "apns", "fcm"]


def is_available(platform: Platform) -> bool:
    known = {
        "web": settings().push_contact,
        "apns": settings().apns_secret,
        "fcm": settings().fcm_secret,
    }
    return bool(known[platform])


def require_available(platform: Platform) -> None:
    """Raises PlatformNotAvailable."""
    if not is_available(platform):
        raise PlatformNotAvailable
