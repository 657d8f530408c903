"""What the system says of itself."""

import time
from collections.abc import Awaitable, Callable

from cgraph.chat.conversations.rules import MEMBERS_AT_MOST
from cgraph.core import cache, database, limits, queues
from cgraph.core.errors import Refusal
from cgraph.core.settings import settings
from cgraph.sync.catch_up import GAP_EVENTS_MAX
from cgraph.system.models import Dependency, Limits, LimitShown, Readiness


class NotReady(Refusal):
    """Some dependency does not answer."""

    status, code, title = 503, "not_ready", "Some dependencies do not answer"


async def check_readiness() -> Readiness:
    """Raises NotReady with the names of those that are away."""
    dependencies = {
        "database": await _measure(database.ping),
        "cache": await _measure(_ping_cache),
        "queues": await _measure(_ping_queues),
    }
    away = [name for name, dependency in dependencies.items() if not dependency.ok]
    if away:
        raise NotReady(f"No answer from: {', '.join(away)}", retry_after=1)
    return Readiness(status="ready", dependencies=dependencies)


def show_limits() -> Limits:
    """Each number is where it is used; readiness does without those features."""
    return Limits(
        rates=[
            LimitShown(name=each.name, per_minute=each.per_minute, burst=each.burst)
            for each in limits.ALL
        ],
        content_characters=4000,
        frame_bytes=32_000,
        message_bytes=128_000,
        body_bytes=6_000_000,
        group_members=MEMBERS_AT_MOST,
        sync_streams=2000,
        sync_events=GAP_EVENTS_MAX,
    )


async def _measure(ask: Callable[[], Awaitable[None]]) -> Dependency:
    started = time.perf_counter()
    try:
        await ask()
    except (Refusal, cache.CacheUnavailable, queues.QueueUnavailable):
        return Dependency(ok=False, latency_ms=None)
    return Dependency(ok=True, latency_ms=round((time.perf_counter() - started) * 1000, 2))


async def _ping_cache() -> None:
    await cache.run(("PING",))


async def _ping_queues() -> None:
    queues.ping(settings().push_queue_url)
