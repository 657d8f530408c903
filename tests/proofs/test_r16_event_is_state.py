"""R16: for every type of event, an old snapshot and the events since are a fresh snapshot: for each
of three people, by a socket and by `POST /sync`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack

from cgraph_local.api_documents.frames import CONVERSATION_EVENTS
from tests.conftest import Report, Size
from tests.proofs.client_state import ClientState, wait_until_equal
from tests.proofs.event_cases import EVENT_CASES, TOGETHER, Group
from tests.reader import new_client
from tests.system import System


async def test_an_old_snapshot_and_the_events_since_are_a_fresh_snapshot(
    system: System, size: Size, report: Report
) -> None:
    """With `--full` for each type of event alone."""
    assert EVENT_CASES.keys() == CONVERSATION_EVENTS.keys(), "a case for each event of a client"
    assert sorted(event for events in TOGETHER for event in events) == sorted(EVENT_CASES)
    states = 0
    async with AsyncExitStack() as stack:
        group = await start_group(system, stack)
        for events in size(TOGETHER, tuple((event,) for event in EVENT_CASES)):
            compared = await compare(group, events)
            for event in events:
                assert any(event in each.event_types for each in compared), f"no client got {event}"
            states += len(compared)
    report("R16 event = state", types=len(EVENT_CASES), people=len(group.people), states=states)


async def start_group(system: System, stack: AsyncExitStack) -> Group:
    """Of three new people, so that there is little to compare."""
    people = [await system.new_person(name) for name in ("owner", "admin", "member")]
    clients = [await stack.enter_async_context(new_client(system, person)) for person in people]
    id = await people[0].start_conversation(*people[1:])
    owner, admin, member = clients
    group = Group(owner, admin, member, {each: await each.me() for each in clients}, id)
    await group.restore_members()
    return group


async def compare(group: Group, events: Sequence[str]) -> list[ClientState]:
    """The states of all clients, each of which shows what a fresh snapshot shows."""
    cases = [EVENT_CASES[event](group) for event in events]
    for case in cases:
        await anext(case)
    synced = await asyncio.gather(*(ClientState.load(client) for client in group.people))
    pushed = [state.copy() for state in synced]
    async with AsyncExitStack() as stack:
        for state in pushed:
            await stack.enter_async_context(state.connected())
        for case in cases:
            assert await anext(case, "over") == "over"
        try:
            await asyncio.gather(*map(wait_until_equal, pushed, synced))
        except AssertionError as error:
            raise AssertionError(f"{', '.join(events)}: {error}") from None
    return [*pushed, *synced]
