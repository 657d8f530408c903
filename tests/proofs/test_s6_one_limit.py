"""S6: a limit is one count, however many processes serve it; its headers are right, and a client
that honours Retry-After is not refused again."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path

import httpx
import pytest

from tests.conftest import Report, Size
from tests.proofs.broken import Mutation, broken_system
from tests.system import LocalSystem

BURST = 150
A_SECOND = 300 / 60
"""The limit of `GET /limits` by address."""

PROCESSES = 4
A_COUNT_EACH = Mutation(
    file="layers/cgraph/cgraph/core/address_limits.py",
    original='return f"address:{network}"',
    replacement='return f"address:{network}:" + str(__import__("os").getpid())',
)
AT_ONCE = 20


async def test_several_processes_share_one_limit(
    rate_limited: LocalSystem, size: Size, report: Report
) -> None:
    """As many requests as a limit of 100 in 1,000, in the proportion of its burst."""
    await use_several_processes(rate_limited)
    forget(rate_limited)
    number, began = size(400, 1500), time.monotonic()
    responses = await flood(rate_limited, number)
    seconds = time.monotonic() - began
    passed = [each for each in responses if each.status_code == 200]
    assert Counter(each.status_code for each in responses).keys() == {200, 429}
    processes = len(rate_limited.environments("ShowLimits"))
    report("S6 one limit", requests=number, passed=len(passed), processes=processes)
    assert processes >= PROCESSES
    assert BURST - 1 <= len(passed) <= BURST + A_SECOND * seconds + 1


@pytest.mark.usefixtures("only_in_full")
async def test_the_proof_fails_where_each_process_counts_for_itself(tmp_path: Path) -> None:
    async with broken_system(tmp_path, A_COUNT_EACH, rate_limits="on") as system:
        await use_several_processes(system)
        responses = await flood(system, 1500)
    passed = [each for each in responses if each.status_code == 200]
    assert len(passed) > 2 * BURST


async def test_the_headers_are_monotone_and_retry_after_is_right(
    rate_limited: LocalSystem, size: Size, report: Report
) -> None:
    http = rate_limited.new_http()
    forget(rate_limited)
    left, reset, began = [BURST], [0], time.monotonic()
    while (response := await http.get("/limits")).status_code == 200:
        assert response.headers["ratelimit-limit"] == str(BURST)
        left.append(int(response.headers["ratelimit-remaining"]))
        reset.append(int(response.headers["ratelimit-reset"]))
        refilled = (time.monotonic() - began) * A_SECOND + 1
        assert BURST - len(left) + 1 <= left[-1] <= BURST - len(left) + 1 + refilled
    pauses = 0
    for _ in range(size(3, 20)):
        pause = int(response.headers["retry-after"])
        assert 1 <= pause <= 2
        await asyncio.sleep(pause)  # what the header asks for
        response = await http.get("/limits")
        assert response.status_code == 200, "no further refusal"
        pauses += 1
        while response.status_code == 200:
            response = await http.get("/limits")
    report("S6 headers", passed=len(left) - 1, pauses=pauses)
    assert left[-1] < 5
    assert all(later <= earlier + 2 for earlier, later in pairwise(left))
    assert all(later >= earlier - 1 for earlier, later in pairwise(reset))


async def flood(system: LocalSystem, number: int) -> list[httpx.Response]:
    """So many at once that each process has some of them."""
    http, responses = system.new_http(), []
    for _ in range(0, number, AT_ONCE):
        responses += await asyncio.gather(*(http.get("/limits") for _ in range(AT_ONCE)))
    return responses


async def use_several_processes(system: LocalSystem) -> None:
    async with asyncio.timeout(60):
        while len(system.environments("ShowLimits")) < PROCESSES:
            forget(system)
            await flood(system, 200)


def forget(system: LocalSystem) -> None:
    with system.valkey() as valkey:
        valkey.delete("limit:{address:127.0.0.1}:anonymous")
