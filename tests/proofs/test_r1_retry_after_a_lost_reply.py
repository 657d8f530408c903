"""R1: 20 clients × 500 sends, 30 % of the replies lost after the commit; none lost, none twice."""

from __future__ import annotations

import asyncio

import pytest

from tests.conftest import Report, Size
from tests.person import Person
from tests.proofs.broken import Mutation, broken_schema
from tests.proofs.ledger import Comparison, Ledger
from tests.system import LocalSystem

CLIENTS = 20
LOST = {"lose": 0.3, "routes": ["POST /messages"]}

SENDING = "infra/schema/chat.sql"
WITHOUT_DEDUPLICATION = (
    Mutation(
        SENDING,
        was="n.user_id = author_id AND n.nonce = send_message.nonce;",
        becomes="n.user_id = author_id AND false;",
    ),
    Mutation(SENDING, was="IF nonce IS NOT NULL THEN", becomes="IF false THEN"),
)


async def test_a_message_retried_is_written_once(
    local: LocalSystem, size: Size, report: Report
) -> None:
    sends = size(8, 500)
    ledger, lost, found = await send_and_retry(local, clients=CLIENTS, sends=sends)
    report(
        "R1 retry after a lost reply",
        clients=CLIENTS,
        sends=CLIENTS * sends,
        replies_lost=lost,
        tries=ledger.ok + ledger.failed + ledger.unknown,
        rows=found.rows,
        lost=found.lost,
        twice=found.twice,
    )
    assert lost == ledger.unknown > 0
    found.check(sent=CLIENTS * sends)


async def test_without_deduplication_this_proof_fails(local: LocalSystem, report: Report) -> None:
    with broken_schema(local, *WITHOUT_DEDUPLICATION):
        _, lost, found = await send_and_retry(local, clients=4, sends=15)
    report("R1 without deduplication", sends=60, replies_lost=lost, twice=found.twice)
    with pytest.raises(AssertionError, match=r"twice="):
        found.check(sent=60)
    assert found.twice == lost


async def send_and_retry(
    system: LocalSystem, *, clients: int, sends: int
) -> tuple[Ledger, int, Comparison]:
    """The replies that were lost, counted where they were lost."""
    people, conversation = await system.group(clients)
    ledger = Ledger()

    async def send_all(person: Person) -> None:
        for number in range(sends):
            content = f"{number} of {person.username}"
            await ledger.send(person, conversation, content, nonce=f"{conversation}-{number}")

    with system.faults(replies=LOST):
        await asyncio.gather(*map(send_all, people))
        lost = system.fault_counts().get("replies_lost", 0)
    return ledger, lost, ledger.compare(await people[0].history(conversation))
