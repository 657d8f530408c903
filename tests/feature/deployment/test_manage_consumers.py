"""An operator lists consumers, has one read the log again, and replays what it has set aside."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from cgraph.system.consumers.actions import UnknownConsumer
from tests.feature.environment import work_off
from tests.feature.events import following
from tests.feature.events.test_consumers import Log
from tests.feature.world import World


@pytest.fixture
async def log(world: World) -> Log:
    """Whose consumer has set its second event aside."""
    for statement in following.NOTES:
        await world.sql(statement)
    await world.sql("DELETE FROM events WHERE type = 'test.happened'")
    log = Log(world)
    await log.begin(shards=1)
    await log.append(1)
    await log.append(2, fails="always")
    await log.catch_up()
    await world.sql("UPDATE failed_events SET retry_at = NULL WHERE consumer = %s", log.consumer)
    return log


async def manage(log: Log, action: str, **options: Any) -> Any:
    command = {"action": action, "name": log.consumer, **options}
    return await log.world.run(work_off, "deployment.manage_consumers", command)


async def test_what_is_set_aside_is_listed_with_its_reason(log: Log) -> None:
    report = await manage(log, "list")
    [consumer] = report["consumers"]
    assert (consumer["name"], consumer["behind"], consumer["set_aside"]) == (log.consumer, 0, 1)
    [failed] = report["failed_events"]
    assert failed["reason"] == "ValueError: an event that nobody expected"
    assert (failed["seq"], failed["retry_at"]) == (2, None)


async def test_a_replayed_event_is_tried_again(log: Log) -> None:
    [failed] = (await manage(log, "list"))["failed_events"]
    await manage(log, "replay", number=failed["number"] + 1)
    assert not await log.world.run(following.retry, log.consumer), "another number"
    await log.world.sql("UPDATE events SET payload = '{}' WHERE stream_id = %s", log.stream)
    await manage(log, "replay", number=failed["number"])
    assert await log.world.run(following.retry, log.consumer)
    assert (await log.seqs(), await log.failures()) == ([1, 2], [])


async def test_a_rewound_consumer_reads_the_log_from_the_beginning(log: Log) -> None:
    [(number,)] = await log.world.sql("SELECT count(*) FROM events WHERE type = 'test.happened'")
    await manage(log, "rewind")
    assert await log.catch_up() == number
    assert await log.seqs() == [1, 1]
    assert (2, 1, False) in await log.failures()


async def test_a_consumer_is_rewound_to_a_time(log: Log) -> None:
    [(before,)] = await log.world.sql("SELECT now()")
    await log.append(3, 4)
    await log.catch_up()
    await manage(log, "rewind", to=before.isoformat())
    await log.catch_up()
    assert await log.seqs() == [1, 3, 4, 3, 4]
    await manage(log, "rewind", to="2100-01-01T00:00:00Z")
    assert await log.catch_up() == 0, "there is nothing so late"


async def test_an_unknown_consumer_is_refused(log: Log) -> None:
    log.consumer = f"unknown-{uuid4().hex}"
    with pytest.raises(UnknownConsumer):
        await manage(log, "rewind")
