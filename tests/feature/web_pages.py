"""Pages behind links, on a server of this machine, and the workers that read them."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.feature.world import World


@asynccontextmanager
async def fetching_from_this_machine(world: World) -> AsyncIterator[None]:
    """Functions may call this machine meanwhile, and nothing else."""
    await world.run(_call_this_machine)
    try:
        yield
    finally:
        await world.run(_call_the_internet)


@asynccontextmanager
async def previews_switched_off(world: World) -> AsyncIterator[None]:
    """As the parameter LinkPreviews of the template does."""
    await world.run(_switch, "off")
    try:
        yield
    finally:
        await world.run(_switch, "on")


async def make_previews(world: World) -> None:
    """Until nothing is left to do: the consumer, the pages that it wants, and what they say."""
    fetches = world.queues.new("preview-fetches")
    results = world.queues.consumers["previews"]
    nothing_failed: dict[str, object] = {"batchItemFailures": []}
    jobs = [{"shard": None}]
    while jobs:
        assert await world.work_off("workers.make_previews", *jobs) == nothing_failed
        if pages := world.queues.drain(fetches):
            assert await world.work_off("workers.fetch_previews", *pages) == nothing_failed
        jobs = world.queues.drain(results)


def _switch(state: str) -> None:
    """In the process of the functions."""
    from cgraph.core.settings import settings

    os.environ["LINK_PREVIEWS"] = state
    settings.cache_clear()


def _call_this_machine() -> None:
    """In the process of the functions."""
    from cgraph.core.outbound import Egress
    from cgraph.media.previews import worker

    worker.EGRESS = Egress(
        schemes=frozenset({"http"}), ports=None, is_allowed=lambda address: address.is_loopback
    )


def _call_the_internet() -> None:
    from cgraph.media.previews import fetching, worker

    worker.EGRESS = fetching.INTERNET
