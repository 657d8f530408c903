"""S12: 1,000 frames a second from one socket; the others go on as before."""

from __future__ import annotations

import asyncio
from collections import Counter

from tests.conftest import Report, Size
from tests.person import Person, Socket
from tests.system import LocalSystem

FLOOD = 1000
SAY_EVERY = 0.1


async def test_a_flood_from_one_socket_does_not_slow_the_others(
    limited: LocalSystem, size: Size, report: Report
) -> None:
    """Limits are in force: that is what holds the flood off. The fast variant measures beside
    whatever else the machine does, so only the full one, which has it to itself, judges by time."""
    seconds = size(4, 20)
    people, conversation = await limited.group(5)
    flooder = await (await limited.new_person("flooder")).open_socket()
    errors = limited.errors("Ping")
    await talk(people, conversation, seconds=1)
    calm = await talk(people, conversation, seconds=seconds)
    flooding = asyncio.create_task(flood(flooder, seconds=seconds))
    flooded = await talk(people, conversation, seconds=seconds)
    sent = await flooding
    refused = Counter(refusal["error"]["code"] for refusal in flooder.refusals)
    await flooder.close()
    report(
        "S12 flood",
        frames=sent,
        frames_a_second=round(sent / seconds),
        **refused,
        sends_of_others=len(flooded),
        p99_calm=f"{p99(calm):.1f} ms",
        p99_flooded=f"{p99(flooded):.1f} ms",
    )
    assert refused["rate_limited"] > 0
    assert limited.errors("Ping") == errors
    if percent := size(0, 20):
        assert p99(flooded) <= (1 + percent / 100) * p99(calm)


async def flood(socket: Socket, *, seconds: float) -> int:
    """A thousand frames a second, or as many as the socket takes."""
    clock = asyncio.get_running_loop().time
    began, sent = clock(), 0
    while (passed := clock() - began) < seconds:
        while sent < passed * FLOOD:
            await socket.connection.send('{"action": "ping", "data": {}, "id": "flood"}')
            sent += 1
        await asyncio.sleep(0.005)
    return sent


async def talk(people: list[Person], conversation: str, *, seconds: float) -> list[float]:
    """Each as often as the limit lets them; how long each send took, in milliseconds."""
    clock = asyncio.get_running_loop().time
    ends, took = clock() + seconds, []

    async def say(person: Person) -> None:
        while (began := clock()) < ends:
            assert (await person.send(conversation, "calm")).status_code == 201
            took.append((clock() - began) * 1000)
            await asyncio.sleep(SAY_EVERY)

    await asyncio.gather(*map(say, people))
    return took


def p99(milliseconds: list[float]) -> float:
    return sorted(milliseconds)[len(milliseconds) * 99 // 100]
