"""R11 and R12 of the log's consumers: whatever dies, and however often jobs are delivered, each has
its effect once, in the order of its stream; what always fails is set aside and holds nothing up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

import pytest

from tests.conftest import Report, Size
from tests.proofs.broken import Breakable, Mutation
from tests.proofs.consumer_jobs import JOBS, Jobs, Outcome, new_jobs
from tests.system import LocalSystem

POSITION_FIRST = Mutation(
    "layers/cgraph/cgraph/events/consumers.py",
    original="""\
        await _do(tx, consumer, events, shard=shard)
        last = events[-1] if len(events) == consumer.batch else None
        if not await queries.move(tx, position, last=last):
            raise Overtaken
""",
    replacement="""\
        last = events[-1] if len(events) == consumer.batch else None
        if not await queries.move(tx, position, last=last):
            raise Overtaken
    async with transaction() as tx:
        await _do(tx, consumer, events, shard=shard)
        if False:
            raise Overtaken
""",
)
"""The position is committed before the effects: a process that dies in between loses them."""

NOBODY_OVERTAKES = Mutation(
    "layers/cgraph/cgraph/events/queries.py",
    original="    return changed == 1\n",
    replacement="    return True\n",
)
"""Two processes that do the same events both commit."""


def check(jobs: Jobs, outcome: Outcome) -> None:
    effects = Counter(outcome.effects)
    missing = jobs.wanted - effects.keys()
    assert not missing, f"{len(missing)} jobs are missing"
    assert effects.total() == len(effects), f"{effects.most_common(3)} took effect twice"
    assert effects.keys() == jobs.wanted
    assert outcome.set_aside == jobs.poisoned
    assert all(seqs == sorted(seqs) for seqs in by_stream(outcome.effects).values())


def by_stream(effects: Sequence[tuple[UUID, int]]) -> dict[UUID, list[int]]:
    streams: dict[UUID, list[int]] = {}
    for stream, seq in effects:
        streams.setdefault(stream, []).append(seq)
    return streams


async def test_each_job_has_its_effect_once_whatever_dies(
    short_lived: Breakable, size: Size, report: Report
) -> None:
    system, before = short_lived.system, crashes(short_lived.system)
    number, deaths = size(300, 5000), size(4, 100)
    async with (
        short_lived.broken(*JOBS),
        new_jobs(system, number=number, poisoned=10, deaths=deaths) as jobs,
    ):
        outcome = await jobs.outcome()
    report(
        "R11, R12 consumers",
        jobs=number,
        effects=len(outcome.effects),
        set_aside=len(outcome.set_aside),
        deaths=crashes(system) - before,
        nudges=outcome.nudges,
        deliveries=dict(sorted(outcome.deliveries.items())),
    )
    assert crashes(system) - before >= deaths // 2
    check(jobs, outcome)


@pytest.mark.parametrize(
    ("mutation", "problem"),
    [(POSITION_FIRST, "are missing"), (NOBODY_OVERTAKES, "took effect twice")],
    ids=["position first", "nobody overtakes"],
)
async def test_the_proof_fails_where_effect_and_position_are_apart(
    short_lived: Breakable, mutation: Mutation, problem: str
) -> None:
    deaths = 8 if mutation is POSITION_FIRST else 0
    async with (
        short_lived.broken(*JOBS, mutation),
        new_jobs(short_lived.system, number=600, poisoned=0, deaths=deaths) as jobs,
    ):
        outcome = await jobs.outcome()
    with pytest.raises(AssertionError, match=problem):
        check(jobs, outcome)


def crashes(system: LocalSystem) -> int:
    return system.errors("IndexDocuments").get("IndexDocuments crashed", 0)
