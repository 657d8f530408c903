"""Health, readiness and limits of the system."""

import time
from collections.abc import Awaitable, Callable

from cgraph.chat.conversations.rules import MEMBERS_AT_MOST
from cgraph.core import cache, limits, opensearch, queues, reader
from cgraph.core.errors import Refusal
from cgraph.core.settings import settings
from cgraph.sync.rules import GAP_EVENTS_MAX
from cgraph.system.consumers.actions import consumer_states
from cgraph.system.models import ConsumerLag, Dependency, Limits, RateLimit, Readiness

SEARCH_SECONDS = 1.0
"""For OpenSearch's answer."""

_AWAY = (
    Refusal,
    cache.CacheUnavailable,
    queues.QueueUnavailable,
    opensearch.OpenSearchUnavailable,
)


class NotReady(Refusal):
    """`detail` names the dependencies."""

    status, code, title = 503, "not_ready", "Some dependencies do not answer"


async def check_readiness() -> Readiness:
    """Raises NotReady with the names of the dependencies that do not answer. The reader and
    OpenSearch may be away: the primary answers in their place.
    """
    consumers: dict[str, ConsumerLag] = {}

    async def read_consumers() -> None:
        consumers.update(await _consumers())

    dependencies = {
        "database": await _check(read_consumers),
        "cache": await _check(_ping_cache),
        "queues": await _check(_ping_queues),
    }
    unavailable = [name for name, dependency in dependencies.items() if not dependency.ok]
    if unavailable:
        raise NotReady(f"No answer from: {', '.join(unavailable)}", retry_after=1)
    if reader.exists():
        dependencies["database_reader"] = await _check_reader()
    if opensearch.is_configured():
        dependencies["search"] = await _check(_ping_search)
    return Readiness(
        status="ready" if all(each.ok for each in dependencies.values()) else "degraded",
        dependencies=dependencies,
        consumers=consumers,
    )


def show_limits() -> Limits:
    return Limits(
        rates=[
            RateLimit(name=limit.name, per_minute=limit.per_minute, burst=limit.burst)
            for limit in limits.ALL
        ],
        content_characters=4000,
        frame_bytes=32_000,
        message_bytes=128_000,
        body_bytes=6_000_000,
        group_members=MEMBERS_AT_MOST,
        sync_streams=2000,
        sync_events=GAP_EVENTS_MAX,
        media_url=settings().media_url or None,
    )


async def _check(ping: Callable[[], Awaitable[None]]) -> Dependency:
    started = time.perf_counter()
    try:
        await ping()
    except _AWAY:
        return Dependency(ok=False, latency_ms=None)
    return Dependency(ok=True, latency_ms=round((time.perf_counter() - started) * 1000, 2))


async def _consumers() -> dict[str, ConsumerLag]:
    """Raises DatabaseUnavailable."""
    return {
        state.name: ConsumerLag(lag_seconds=state.lag_seconds, set_aside=state.set_aside)
        for state in await consumer_states()
    }


async def _check_reader() -> Dependency:
    started = time.perf_counter()
    lag = await reader.lag_ms()
    latency = round((time.perf_counter() - started) * 1000, 2)
    return Dependency(
        ok=lag is not None, latency_ms=latency if lag is not None else None, lag_ms=lag
    )


async def _ping_cache() -> None:
    await cache.run(("PING",))


async def _ping_queues() -> None:
    queues.ping(settings().push_queue_url)


async def _ping_search() -> None:
    await opensearch.request("GET", "/", timeout=SEARCH_SECONDS)
