"""R13: `kill -9` of the postmaster 5 times in 3,000 sends; every acknowledged row is there."""

from __future__ import annotations

import asyncio

from tests.conftest import Report, Size
from tests.person import Person
from tests.proofs.send_log import SendLog
from tests.system import LocalSystem

WRITERS = 10


async def test_acknowledged_messages_survive_a_crash(
    local: LocalSystem, size: Size, report: Report
) -> None:
    each, kills = size(16, 300), size(2, 5)
    people, conversation = await local.group(WRITERS)
    log = SendLog()

    async def send_all(person: Person) -> None:
        for number in range(each):
            content = f"{number} of {person.username}"
            await log.send(person, conversation, content, nonce=f"{conversation}-{number}")

    writing = asyncio.gather(*map(send_all, people))
    killed = await kill_postgres(local, log, sends=WRITERS * each, kills=kills)
    await writing
    history = await people[0].history(conversation)
    comparison = log.compare(history)
    report(
        "R13 Postgres crash",
        kills=len(killed),
        sends=WRITERS * each,
        attempts_ok=log.ok,
        attempts_failed=log.failed,
        attempts_unknown=log.unknown,
        rows=comparison.rows,
        lost=comparison.lost,
        twice=comparison.twice,
    )
    assert len(killed) == kills, "each kill met another postmaster"
    assert log.failed > 0, "no send met a crash"
    comparison.check(sent=WRITERS * each)
    assert [message["seq"] for message in history] == list(range(1, WRITERS * each + 1))


async def kill_postgres(
    system: LocalSystem, log: SendLog, *, sends: int, kills: int
) -> set[int | None]:
    """Evenly spread over the sends; returns the pids that were killed."""
    killed = set()
    for which in range(1, kills + 1):
        while len(log.acknowledged) < sends * which // (kills + 1):
            await asyncio.sleep(0.005)
        killed.add(system.kill_service("postgres"))
    return killed
