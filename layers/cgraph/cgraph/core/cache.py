"""Valkey: sessions, rate limits, tickets, sockets. Everything in it can be lost and is made again.

ElastiCache Serverless is in cluster mode: each command touches one slot. A pipeline of single-slot
commands is one round trip.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cgraph.core import iam, metrics
from cgraph.core.credentials import CredentialsUnavailable
from cgraph.core.log import logger
from cgraph.core.settings import Settings, local_cache_password, settings

if TYPE_CHECKING:
    from redis.asyncio import Redis

Command = tuple[str | bytes | int, ...]

BREAKER_SECONDS = 1.0
"""How long no command is sent after a failure, so that requests do not wait for a Valkey that is
known to be down.
"""

_client: "Redis | None" = None
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
    """The answers in order, in one round trip. `scripts`: those that the commands call. Raises
    CacheUnavailable.
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
    global _client, _away_until
    _client, _away_until = None, 0.0


async def _send(commands: Sequence[Command]) -> list[Any]:
    client: Any = _redis()  # redis-py does not type its commands
    if len(commands) == 1:
        return [await client.execute_command(*commands[0])]
    pipeline = client.pipeline(transaction=False)
    for command in commands:
        pipeline.execute_command(*command)
    return list(await pipeline.execute())


def _redis() -> "Redis":
    global _client
    if _client is None:
        from redis.asyncio import Redis
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff

        here = settings()
        _client = Redis(
            host=here.cache_host,
            port=here.cache_port,
            socket_timeout=1,
            socket_connect_timeout=0.5,
            retry=Retry(NoBackoff(), retries=1),  # once: a socket that died while frozen
            decode_responses=True,
            **_credentials(here),
        )
    return _client


def _credentials(here: Settings) -> dict[str, Any]:
    """A new token for each connection: it is valid for 15 minutes, the connection for 12 hours. The
    local cloud's Valkey has a password.
    """
    if here.cache_auth != "iam":
        return {"password": local_cache_password()}
    from redis.credentials import CredentialProvider
    from redis.exceptions import ConnectionError as RedisConnectionError

    class IamCredentials(CredentialProvider):
        def get_credentials(self) -> tuple[str, str]:
            try:
                token = iam.cache_token(cache=here.cache_name, user=here.cache_user)
            except CredentialsUnavailable as error:
                # With any other error redis-py would keep the connection, which nobody signed in to
                raise RedisConnectionError(str(error)) from error
            return here.cache_user, token

        async def get_credentials_async(self) -> tuple[str, str]:
            return self.get_credentials()

    return {"ssl": True, "credential_provider": IamCredentials()}
