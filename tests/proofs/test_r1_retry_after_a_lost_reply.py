"""R1: 20 clients × 500 sends, 30 % of the replies lost after the commit; none lost, none twice."""

from __future__ import annotations

import asyncio

import pytest

from tests.conftest import Report, Size
from tests.person import Person
from tests.proofs.broken import Mutation, broken_schema
from tests.proofs.send_log import Comparison, SendLog
from tests.system import LocalSystem

CLIENTS = 20
LOST_REPLIES = {"lose": 0.3, "routes": ["POST /messages"]}

SENDING = "infra/schema/chat.sql"
WITHOUT_DEDUPLICATION = (
    Mutation(
        SENDING,
        original="first_result(author_id, nonce) AS first;",
        replacement="first_result(author_id, nonce) AS first WHERE false;",
    ),
    Mutation(
        SENDING,
        original="IF nonce IS NOT NULL THEN\n        INSERT INTO nonces",
        replacement="IF false THEN\n        INSERT INTO nonces",
    ),
)


async def test_a_retried_message_is_written_once(
    local: LocalSystem, size: Size, report: Report
) -> None:
    sends = size(8, 500)
    log, lost, comparison = await send_and_retry(local, clients=CLIENTS, sends=sends)
    report(
        "R1 retry after a lost reply",
        clients=CLIENTS,
        sends=CLIENTS * sends,
        replies_lost=lost,
        attempts=log.ok + log.failed + log.unknown,
        rows=comparison.rows,
        lost=comparison.lost,
        twice=comparison.twice,
    )
    assert lost == log.unknown > 0
    comparison.check(sent=CLIENTS * sends)


async def test_the_proof_fails_without_deduplication(local: LocalSystem, report: Report) -> None:
    with broken_schema(local, *WITHOUT_DEDUPLICATION):
        _, lost, comparison = await send_and_retry(local, clients=4, sends=15)
    report("R1 without deduplication", sends=60, replies_lost=lost, twice=comparison.twice)
    with pytest.raises(AssertionError, match=r"twice="):
        comparison.check(sent=60)
    assert comparison.twice == lost


async def send_and_retry(
    system: LocalSystem, *, clients: int, sends: int
) -> tuple[SendLog, int, Comparison]:
    """With the number of replies that the gateway lost."""
    people, conversation = await system.group(clients)
    log = SendLog()

    async def send_all(person: Person) -> None:
        for number in range(sends):
            content = f"{number} of {person.username}"
            await log.send(person, conversation, content, nonce=f"{conversation}-{number}")

    with system.faults(replies=LOST_REPLIES):
        await asyncio.gather(*map(send_all, people))
        lost = system.fault_counts().get("replies_lost", 0)
    return log, lost, log.compare(await people[0].history(conversation))
