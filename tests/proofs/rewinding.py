"""That a consumer which reads the log again from its beginning makes what it had made before."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tests.system import LocalSystem

LIMIT_SECONDS = 120.0


async def states_around_a_rewind(
    system: LocalSystem, consumer: str, *, read: Callable[[], object], clear: Callable[[], object]
) -> tuple[object, object]:
    """What `read` returns before and after. `clear` deletes what the consumer keeps, in between."""
    await wait_until_caught_up(system, consumer)
    before = read()
    clear()
    await asyncio.to_thread(system.cgraph, "consumers", "rewind", consumer)
    await wait_until_caught_up(system, consumer)
    return before, read()


async def wait_until_caught_up(system: LocalSystem, consumer: str) -> None:
    pause = 0.1
    async with asyncio.timeout(LIMIT_SECONDS):
        while not await asyncio.to_thread(_is_caught_up, system, consumer):
            await asyncio.sleep(pause)
            pause = min(pause * 2, 2.0)


def _is_caught_up(system: LocalSystem, consumer: str) -> bool:
    """A consumer that was rewound has no row until it begins."""
    behind = {each["name"]: each["behind"] + each["failed"] for each in system.consumers()}
    return behind.get(consumer) == 0
