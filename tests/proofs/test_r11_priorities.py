"""What a person waits for is not behind what nobody waits for: with thousands of events to index,
messages are pushed as fast as without.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import partial
from statistics import median

import pytest

from tests.conftest import Report, Size
from tests.person import Person, Socket
from tests.proofs.broken import Breakable, Mutation
from tests.proofs.rewinding import wait_until_caught_up
from tests.system import LocalSystem

pytestmark = pytest.mark.usefixtures("only_in_full")
"""test_r11_consumers.py proves in `make test` what the consumers do."""

MESSAGES = 60
MESSAGES_LEAST = 5
SLOWER_AT_MOST = 5
SLACK_SECONDS = 0.25
"""The machine has few processors, which Postgres, the functions and this test share."""

HOLDS_LOCKS = Mutation(
    "layers/cgraph/cgraph/search/consumer.py",
    original="    async for read in changed_documents(tx, events, consumer=NAME):\n",
    replacement="    import asyncio\n"
    '    await tx.execute("LOCK TABLE streams IN SHARE MODE", {})\n'
    "    await asyncio.sleep(2)\n"
    "    async for read in changed_documents(tx, events, consumer=NAME):\n",
)
"""Writers wait for the consumer."""


async def pushes(
    person: Person, reader: Person, conversation: str, *, number: int, goes_on: Callable[[], bool]
) -> list[float]:
    """Seconds from the request to the push, of messages one after another while it `goes_on`."""
    socket = await reader.open_socket()
    try:
        seconds = []
        for place in range(number):
            content = f"{place} of {time.monotonic()}"
            began = time.monotonic()
            sent = asyncio.create_task(person.send_message(conversation, content))
            await socket.wait_until(partial(is_pushed, socket, content))
            seconds.append(time.monotonic() - began)
            assert (await sent).status_code == 201
            if not goes_on():
                break
        return seconds
    finally:
        await socket.close()


def is_pushed(socket: Socket, content: str) -> bool:
    return any(content in frame for frame in socket.frames)


async def flood(system: LocalSystem, conversation: str, *, events: int) -> None:
    """As many events of messages, which the consumer has to index."""
    system.query(
        f"""
        INSERT INTO events (stream_id, seq, type, payload, created_at)
        SELECT gen_random_uuid(), 1, 'message.updated',
               jsonb_set(payload, '{{message,id}}', to_jsonb(gen_random_uuid())), now()
        FROM generate_series(1, {events}), LATERAL (
            SELECT payload FROM events WHERE stream_id = '{conversation}'
            AND type = 'message.created' LIMIT 1) AS one
        """
    )
    await asyncio.to_thread(system.invoke, "WatchConsumers", {})


def behind(system: LocalSystem) -> int:
    return system.count(
        "SELECT count(*) FROM events e JOIN consumers c ON e.xid >= c.since "
        "WHERE c.name = 'search' AND e.type = 'message.updated'"
    )


async def measure(system: LocalSystem, *, events: int, messages: int) -> tuple[float, float, int]:
    """The median without and with events to index, and of how many messages the latter is."""
    (ada, grace), conversation = await system.group(2)
    quiet = await pushes(ada, grace, conversation, number=messages, goes_on=lambda: True)
    await wait_until_caught_up(system, "search")
    await flood(system, conversation, events=events)
    try:
        flooded = await pushes(
            ada, grace, conversation, number=messages, goes_on=lambda: behind(system) > 0
        )
    finally:
        system.query("DELETE FROM events WHERE type = 'message.updated' AND seq = 1")
    await wait_until_caught_up(system, "search")
    return median(quiet), median(flooded), len(flooded)


def check(quiet: float, flooded: float) -> None:
    assert flooded <= SLOWER_AT_MOST * quiet + SLACK_SECONDS, (quiet, flooded)


async def test_pushes_do_not_wait_for_events_to_index(
    short_lived: Breakable, size: Size, report: Report
) -> None:
    quiet, flooded, number = await measure(
        short_lived.system, events=size(5000, 20_000), messages=size(20, MESSAGES)
    )
    report(
        "R11, priorities",
        quiet_ms=round(quiet * 1000),
        flooded_ms=round(flooded * 1000),
        messages=number,
    )
    assert number >= MESSAGES_LEAST, "the consumer was done too soon: flood it more"
    check(quiet, flooded)


@pytest.mark.usefixtures("only_in_full")
async def test_the_proof_fails_where_writers_wait_for_a_consumer(short_lived: Breakable) -> None:
    async with short_lived.broken(HOLDS_LOCKS):
        with pytest.raises((AssertionError, TimeoutError)):
            quiet, flooded, _ = await measure(short_lived.system, events=2000, messages=3)
            check(quiet, flooded)
