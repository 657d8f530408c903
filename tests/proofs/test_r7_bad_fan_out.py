"""R7: pushes 20 % twice, 20 % reordered, 10 % dropped; all clients equal within 5 s of the end."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack

import pytest

from tests.conftest import Report, Size
from tests.person import Person, Socket
from tests.reader import Reader, reading
from tests.system import LocalSystem

BAD = {"duplicate": 0.2, "reorder": 0.2, "drop": 0.1}
WITHIN_SECONDS = 5.0
HEARTBEAT_SECONDS = 2.0


async def test_all_clients_end_equal(local: LocalSystem, size: Size, report: Report) -> None:
    people, conversation = await local.group(size(4, 16))
    each = size(15, 100)
    stream = f"conv:{conversation}"
    async with AsyncExitStack() as open_now:
        listening = [
            reading(local, person, focus=stream, heartbeat=HEARTBEAT_SECONDS) for person in people
        ]
        readers = [await open_now.enter_async_context(one) for one in listening]
        with local.faults(deliveries=BAD):
            await say_all(people, conversation, each=each)
            seconds = await until_all_have(readers, stream, number=len(people) * each)
            counts = local.fault_counts()
    seen = [reader.numbers(stream) for reader in readers]
    report(
        "R7 bad fan-out",
        clients=len(people),
        messages=len(people) * each,
        **counts,
        equal_after=f"{seconds:.1f} s",
    )
    assert all(counts[f"deliveries_{kind}"] for kind in ("dropped", "duplicated", "reordered"))
    check(seen, number=len(people) * each)


async def test_without_hold_and_sync_this_proof_fails(local: LocalSystem, report: Report) -> None:
    """Sockets that take each event as it comes, unless it is an old one."""
    people, conversation = await local.group(4)
    sockets = [await person.open_socket() for person in people]
    with local.faults(deliveries=BAD):
        await say_all(people, conversation, each=15)
        await asyncio.gather(*map(until_silent, sockets))
    seen: list[list[int]] = []
    for socket in sockets:
        await socket.close()
        taken: list[int] = []
        for event in socket.events:
            if event["stream"] == f"conv:{conversation}" and event["seq"] > max(taken, default=0):
                taken.append(event["seq"])
        seen.append(taken)
    report("R7 without hold and sync", messages=60, seen=[len(taken) for taken in seen])
    assert all(seen)
    with pytest.raises(AssertionError, match="not equal"):
        check(seen, number=60)


def check(seen: Sequence[Sequence[int]], *, number: int) -> None:
    all_of_it = list(range(1, number + 1))
    different = sum(list(one) != all_of_it for one in seen)
    assert not different, f"{different} of {len(seen)} histories are not equal to the whole"


async def say_all(people: Sequence[Person], conversation: str, *, each: int) -> None:
    async def say(person: Person) -> None:
        for number in range(each):
            answer = await person.send(conversation, f"{number}")
            assert answer.status_code == 201, answer.text

    await asyncio.gather(*map(say, people))


async def until_silent(socket: Socket) -> None:
    """It has heard something, and then nothing for a while."""
    await socket.until(lambda: bool(socket.events), patience=60)
    while await socket.wait_for_more(len(socket.events), patience=1.0):
        pass


async def until_all_have(readers: Sequence[Reader], stream: str, *, number: int) -> float:
    """The seconds it took; gives up when they are over, and lets the check say what is missing."""
    began = asyncio.get_running_loop().time()
    while (now := asyncio.get_running_loop().time() - began) < WITHIN_SECONDS:
        if all(len(reader.numbers(stream)) >= number for reader in readers):
            break
        await asyncio.sleep(0.02)
    return now
