"""R26: a conversation in which many messages are sent to many sockets: every event reaches every
socket soon, in few frames."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Report, Size
from tests.load.busy_stream import BusyStream, BusyTimes
from tests.load.crowd import create_users
from tests.load.subprocesses import run_module
from tests.proofs.broken import Mutation, broken_system
from tests.system import LocalSystem

P99_MS = 250

NOTHING_WAITS = Mutation(
    "layers/cgraph/cgraph/realtime/event_buffer.py",
    "    return event.audience is None or len(event.audience) >= AUDIENCE_MIN",
    "    return False",
)


@pytest.mark.parametrize(("sockets", "rate", "share"), [(200, 50, 0.2), (1000, 10, 1.0)])
async def test_every_event_reaches_every_socket_in_few_frames(
    local: LocalSystem, size: Size, report: Report, sockets: int, rate: int, share: float
) -> None:
    """`share`: frames of deliveries, at most. At ten messages a second a frame with five would be
    half a second late. The fast variant runs beside other tests, so it counts and does not time."""
    times = await run(
        local, sockets=size(sockets // 5, sockets), rate=rate, seconds=size(2.0, 60.0)
    )
    show(report, times)
    assert (times.refused, times.missing) == (0, 0)
    assert times.frames <= share * times.deliveries
    assert size(0.0, times.received_ms.p99) <= P99_MS


@pytest.mark.usefixtures("only_in_full")
async def test_a_frame_for_each_event_is_noticed(tmp_path: Path, report: Report) -> None:
    async with broken_system(tmp_path, NOTHING_WAITS) as system:
        times = await run(system, sockets=100, rate=20, seconds=4.0)
    show(report, times)
    assert times.frames > 0.5 * times.deliveries


def show(report: Report, times: BusyTimes) -> None:
    report(
        "R26 fan-out without a cliff",
        sockets=times.sockets,
        rate=f"{times.rate}/s",
        messages=times.messages,
        missing=times.missing,
        frames=times.frames,
        deliveries=times.deliveries,
        p50=f"{times.received_ms.p50:.0f} ms",
        p99=f"{times.received_ms.p99:.0f} ms",
    )


async def run(system: LocalSystem, *, sockets: int, rate: int, seconds: float) -> BusyTimes:
    people = create_users(system, sockets)
    conversation = await people[0].start_conversation(*people[1:])
    config = BusyStream(
        ports=[system.port],
        tokens=[person.access_token for person in people],
        conversation_id=conversation,
        rates=[rate],
        warm_up=2.0,
        seconds=seconds,
        messages=0,
    )
    (times,) = await run_module("busy_stream", config, list[BusyTimes])
    return times
