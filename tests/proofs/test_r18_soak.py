"""R18: half an hour of a mixture of requests with 300 sockets open: no memory, no descriptor and no
connection is left behind, and no request fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Report, Size
from tests.load.crowd import create_users
from tests.proofs.broken import Mutation, broken_system
from tests.proofs.soak import GROUP, Soak, listening, make_places, soak
from tests.system import LocalSystem

pytestmark = pytest.mark.usefixtures("only_in_full")
"""It needs half an hour to say something."""

RATE = 50.0
MEMORY_GROWTH = 0.05
GROWTH = 0.10
"""Of descriptors and connections, of which single ones come and go."""

KEEPS_EACH_EVENT = Mutation(
    "layers/cgraph/cgraph/core/http.py",
    "        correlation_id = _correlation_id(event)\n",
    "        handle.__dict__.setdefault('kept', []).append(b'x' * 50_000)\n"
    "        correlation_id = _correlation_id(event)\n",
)


async def test_nothing_is_left_behind_by_a_mixture_of_requests(
    local: LocalSystem, size: Size, report: Report
) -> None:
    """In the fast variant environments still start and fill their caches, more of them on a busy
    machine: so it judges what each process has, and not the memory."""
    is_full = size(False, True)
    result = await run(
        local,
        people=size(GROUP, 300),
        seconds=size(8.0, 1500.0),
        warm_up=size(4.0, 300.0),
        rate=size(20.0, RATE),
        with_memory=is_full,
    )
    first, last = result.samples[0], result.samples[-1]
    report(
        "R18 soak",
        requests=dict(sorted(result.statuses.items())),
        late=result.late,
        private_memory=f"{first.private_mb:.0f} to {last.private_mb:.0f} MB",
        processes=f"{first.processes} to {last.processes}",
        descriptors=f"{first.descriptors} to {last.descriptors}",
        connections=f"{first.connections} to {last.connections}",
    )
    assert result.server_errors == 0
    assert set(result.statuses) <= {200, 201, 204}
    assert result.growth(lambda sample: sample.descriptors_each) <= GROWTH
    assert result.growth(lambda sample: sample.connections_each) <= GROWTH
    if is_full:
        assert result.growth(lambda sample: sample.descriptors) <= GROWTH
        assert result.growth(lambda sample: sample.connections) <= GROWTH
        assert result.growth(lambda sample: sample.private_mb) <= MEMORY_GROWTH


@pytest.mark.usefixtures("only_in_full")
async def test_a_leak_is_noticed(tmp_path: Path) -> None:
    async with broken_system(tmp_path, KEEPS_EACH_EVENT) as system:
        result = await run(
            system, people=GROUP, seconds=90.0, warm_up=60.0, rate=RATE, with_memory=True
        )
    assert result.growth(lambda sample: sample.private_mb) > MEMORY_GROWTH


async def run(
    system: LocalSystem,
    *,
    people: int,
    seconds: float,
    warm_up: float,
    rate: float,
    with_memory: bool,
) -> Soak:
    places = await make_places(create_users(system, people))
    async with listening(places):
        return await soak(
            system, places, rate=rate, seconds=seconds, warm_up=warm_up, with_memory=with_memory
        )
