"""R13: `kill -9` of the postmaster 5 times in 3,000 sends; every acknowledged row is there."""

from __future__ import annotations

import asyncio

from tests.conftest import Report, Size
from tests.person import Person
from tests.proofs.ledger import Ledger
from tests.system import LocalSystem

WRITERS = 10


async def test_what_was_acknowledged_is_there(
    local: LocalSystem, size: Size, report: Report
) -> None:
    each, kills = size(16, 300), size(2, 5)
    people, conversation = await local.group(WRITERS)
    ledger = Ledger()

    async def send_all(person: Person) -> None:
        for number in range(each):
            content = f"{number} of {person.username}"
            await ledger.send(person, conversation, content, nonce=f"{conversation}-{number}")

    writing = asyncio.gather(*map(send_all, people))
    killed = await kill_on_the_way(local, ledger, sends=WRITERS * each, kills=kills)
    await writing
    history = await people[0].history(conversation)
    found = ledger.compare(history)
    report(
        "R13 Postgres crash",
        kills=len(killed),
        sends=WRITERS * each,
        tries_ok=ledger.ok,
        tries_failed=ledger.failed,
        tries_unknown=ledger.unknown,
        rows=found.rows,
        lost=found.lost,
        twice=found.twice,
    )
    assert len(killed) == kills, "each kill met another postmaster"
    assert ledger.failed > 0, "no send met a crash"
    found.check(sent=WRITERS * each)
    assert [message["seq"] for message in history] == list(range(1, WRITERS * each + 1))


async def kill_on_the_way(
    system: LocalSystem, ledger: Ledger, *, sends: int, kills: int
) -> set[int | None]:
    """Evenly spread over the sends; the pids that were killed."""
    killed = set()
    for which in range(1, kills + 1):
        while len(ledger.acknowledged) < sends * which // (kills + 1):
            await asyncio.sleep(0.005)
        killed.add(system.kill_service("postgres"))
    return killed
