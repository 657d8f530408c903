from __future__ import annotations

import threading

import pytest

from cgraph.core.lease import in_thread


async def test_a_lease_is_renewed_as_long_as_the_work_goes_on() -> None:
    renewed_twice, count = threading.Event(), 0

    async def renew() -> None:
        nonlocal count
        count += 1
        if count == 2:
            renewed_twice.set()

    assert await in_thread(lambda: renewed_twice.wait(30), renew=renew, every=0.01)
    assert count == 2


async def test_work_that_is_done_at_once_renews_nothing() -> None:
    async def renew() -> None:
        pytest.fail("it is done")

    assert await in_thread(lambda: "done", renew=renew, every=30) == "done"


async def test_what_the_work_raises_is_raised() -> None:
    async def renew() -> None:
        return None

    def fail() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await in_thread(fail, renew=renew)
