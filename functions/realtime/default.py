"""$default"""

from typing import Any

from cgraph.core.errors import Refusal
from cgraph.realtime.errors import UnknownAction
from cgraph.realtime.sockets import default_handler


def default(frame: dict[str, Any]) -> Refusal:
    """Refuses an action that does not exist."""
    return UnknownAction(f"There is no action {frame['action'][:50]!r}")


handler = default_handler(default)
