"""Valkey: sessions, rate limits, tickets, sockets. Everything in it can be lost and is made again.

ElastiCache Serverless is in cluster mode: each command touches one slot. A pipeline of single-slot
commands is one round trip, in which the process waits (decision 0111): it has one event at a time.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cgraph.core import metrics
from cgraph.core.log import logger

if TYPE_CHECKING:
    from cgraph.core.cache_connection import CacheConnection

Command = tuple[str | bytes | int, ...]

BREAKER_SECONDS = 1.0
"""How long no command is sent after a failure, so that requests do not wait for a Valkey that is
known to be down.
"""

_connection: "CacheConnection | None" = None
_away_until = 0.0


class CacheUnavailable(Exception):
    """Valkey does not answer; the caller decides what that means."""


@dataclass(frozen=True)
class Script:
    """A Lua script; its source is sent only where Valkey does not know it yet."""

    source: str
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        import hashlib

        digest = hashlib.sha1(self.source.encode(), usedforsecurity=False).hexdigest()
        object.__setattr__(self, "digest", digest)

    def call(self, *, keys: Sequence[str], arguments: Sequence[str | int]) -> Command:
        return ("EVALSHA", self.digest, len(keys), *keys, *arguments)


async def run(*commands: Command, scripts: Sequence[Script] = ()) -> list[Any]:
    """The answers in order, as Valkey gives them in RESP3, in one round trip. `scripts`: those that
    the commands call. Raises CacheUnavailable.
    """
    global _away_until
    if time.monotonic() < _away_until:
        raise CacheUnavailable
    from redis.exceptions import NoScriptError, RedisError

    metrics.round_trip("valkey")
    try:
        try:
            return await _send(commands)
        except NoScriptError:
            await _send([("SCRIPT", "LOAD", script.source) for script in scripts])
            return await _send(commands)
    except (RedisError, OSError) as error:
        _away_until = time.monotonic() + BREAKER_SECONDS
        logger.error("cache_unavailable", extra={"reason": str(error)})
        raise CacheUnavailable from error


def reset() -> None:
    """Drops the connection of another environment: the next command opens a new one."""
    global _connection, _away_until
    _connection, _away_until = None, 0.0


async def _send(commands: Sequence[Command]) -> list[Any]:
    global _connection
    if _connection is None:
        from cgraph.core.cache_connection import CacheConnection

        _connection = CacheConnection()
    return _connection.exchange(commands)
