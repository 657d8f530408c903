"""Valkey where realtime cannot do without it: if it does not answer, the request is refused."""

from collections.abc import Sequence
from typing import Any

from cgraph.core import cache
from cgraph.realtime.errors import RealtimeUnavailable


async def run(*commands: cache.Command, scripts: Sequence[cache.Script] = ()) -> list[Any]:
    """As `cache.run`. Raises RealtimeUnavailable."""
    try:
        return await cache.run(*commands, scripts=scripts)
    except cache.CacheUnavailable as error:
        raise RealtimeUnavailable(retry_after=1) from error
