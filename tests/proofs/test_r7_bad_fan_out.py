"""R7: 20 % of the pushes come twice, 20 % reordered, 10 % never, while a group does everything that
can be done: all clients show the same, and what HTTP shows, within 5 s of the last write."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest

from cgraph_client import Event, Timeline
from cgraph_client.core.parsing import parse
from tests.conftest import Report, Size
from tests.person import Person, Socket
from tests.proofs.client_state import ClientState
from tests.proofs.group_activity import (
    GUEST_ACTIONS,
    LEADER_ACTIONS,
    ActiveMember,
    Activity,
)
from tests.reader import new_client
from tests.system import LocalSystem

BAD_DELIVERIES = {"duplicate": 0.2, "reorder": 0.2, "drop": 0.1}
WITHIN_SECONDS, TIMEOUT_SECONDS = 5.0, 60.0
HEARTBEAT_SECONDS = 1.0
"""It reveals that the last push was lost; reactions are coalesced for 2 s already."""


async def test_all_clients_show_the_same_in_the_end(
    local: LocalSystem, size: Size, report: Report
) -> None:
    each = size(len(LEADER_ACTIONS), 100)
    async with start_group(local, leaders=size(3, 13), guests=size(1, 3)) as group:
        async with AsyncExitStack() as stack:
            for state in group.states:
                connected = state.connected(
                    subscriptions=[group.stream], heartbeat=HEARTBEAT_SECONDS
                )
                await stack.enter_async_context(connected)
            with local.faults(deliveries=BAD_DELIVERIES):
                await group.act(each=each)
                seconds = await wait_until_complete(group, local)
                counts = local.fault_counts()
        report(
            "R7 bad fan-out",
            clients=len(group.states),
            **dict(sorted(group.activity.done.items())),
            **counts,
            equal_after=f"{seconds:.1f} s",
        )
        assert all(counts[f"deliveries_{kind}"] for kind in ("dropped", "duplicated", "reordered"))
        assert all(group.activity.done[action] for action in LEADER_ACTIONS)
        await check(group.states)
        assert seconds <= size(TIMEOUT_SECONDS, WITHIN_SECONDS)  # beside other tests it is slower


async def test_the_proof_fails_where_clients_apply_events_as_they_come(
    local: LocalSystem, report: Report
) -> None:
    """Clients that neither hold events back nor sync, and only ignore old events."""
    async with start_group(local, leaders=3, guests=1) as group:
        sockets = [await person.open_socket() for person in group.people]
        with local.faults(deliveries=BAD_DELIVERIES):
            await group.act(each=len(LEADER_ACTIONS))
            await asyncio.gather(*map(wait_until_silent, sockets[:-1]))
        for socket, state in zip(sockets, group.states, strict=True):
            await socket.close()
            for event in socket.events:
                apply_as_it_comes(state, parse(Event.from_json, event))
        report("R7 as events come", applied=[len(socket.events) for socket in sockets])
        assert all(socket.events for socket in sockets)
        with pytest.raises(AssertionError, match="not equal"):
            await check(group.states)


@dataclass(slots=True)
class Group:
    """`states`: of the `people`, in their order: the owner first, the guests last."""

    people: Sequence[Person]
    states: Sequence[ClientState]
    activity: Activity

    @property
    def stream(self) -> str:
        return f"conv:{self.activity.group}"

    async def act(self, *, each: int) -> None:
        leaders = len(self.people) - len(self.activity.guests)
        members = [
            ActiveMember(
                state.client,
                self.activity,
                LEADER_ACTIONS if number < leaders else GUEST_ACTIONS,
                random.Random(number),
            )
            for number, state in enumerate(self.states)
        ]
        await asyncio.gather(*(member.act(times=each) for member in members))
        await self._react()

    async def _react(self) -> None:
        """Twice: the second reaction is the one that is coalesced longest."""
        owner, admin = (state.client for state in self.states[:2])
        last = await owner.send(self.activity.group, "the last message")
        await owner.react(last.id, "👍")
        await admin.react(last.id, "👍")


@asynccontextmanager
async def start_group(local: LocalSystem, *, leaders: int, guests: int) -> AsyncIterator[Group]:
    """Of new people, who have nothing else to compare."""
    people = [await local.new_person() for _ in range(leaders + guests)]
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(new_client(local, person)) for person in people]
        group = await people[0].start_conversation(*people[1:])
        activity = Activity(group, [guest.id for guest in people[leaders:]])
        for admin in people[1:leaders]:
            await clients[0].set_role(group, admin.id, "admin")
        activity.recent.append(await clients[0].send(group, "welcome"))
        yield Group(people, [await ClientState.load(client) for client in clients], activity)


def apply_as_it_comes(state: ClientState, event: Event) -> None:
    timeline = state.local.timelines.get(event.stream.removeprefix("conv:"))
    if timeline is not None and event.seq is not None:
        before = max(timeline.head, event.seq - 1)
        timeline.conversation = replace(timeline.conversation, head=before)
    if event.stream.startswith("conv:") or (event.seq or 0) > state.user_head:
        state.apply(event)


async def wait_until_silent(socket: Socket) -> None:
    """Until it has received something, and then nothing for a while."""
    await socket.wait_until(lambda: bool(socket.events), seconds=60)
    while await socket.wait_for_events(more_than=len(socket.events), seconds=1.0):
        pass


async def wait_until_complete(group: Group, local: LocalSystem) -> float:
    """Returns the seconds it took; where the time is over, the check shows what is missing."""
    clock = asyncio.get_running_loop().time
    began = clock()
    while (now := clock() - began) < TIMEOUT_SECONDS:
        if are_equal(group.states) and await asyncio.to_thread(is_complete, group, local):
            break
        await asyncio.sleep(0.02)
    return now


def are_equal(states: Sequence[ClientState]) -> bool:
    """In what all members see, as far back as each of them has it."""
    whole, *others = (state.local.timelines for state in states)
    return all(
        common(timeline, known=timeline) == common(whole[id], known=timeline)
        for timelines in others
        for id, timeline in timelines.items()
    )


def common(timeline: Timeline, *, known: Timeline) -> Any:
    """As far as `known` has it. The members are compared at the end."""
    conversation = timeline.conversation
    messages = [
        replace(message, my_reactions=())
        for message in timeline.messages.values()
        if message.seq > known.complete_after
    ]
    return conversation.name, conversation.head, conversation.member_count, messages


def is_complete(group: Group, local: LocalSystem) -> bool:
    """Whether no reaction waits for its event, and everybody is at the head of their streams."""
    waiting = local.count(
        "SELECT count(*) FROM pending_reactions JOIN messages ON messages.id = message_id "
        f"WHERE conversation_id = '{group.activity.group}'"
    )
    heads = dict(local.query("SELECT kind || ':' || id, head FROM streams"))
    return not waiting and all(state.cursors.items() <= heads.items() for state in group.states)


async def check(states: Iterable[ClientState]) -> None:
    """Each of them against one that is loaded now."""
    pairs = [(state, await ClientState.load(state.client)) for state in states]
    different = [lines for state, loaded in pairs if (lines := state.differences(loaded))]
    shown = "\n".join(line[:3000] for lines in different for line in lines[:3])
    assert not different, f"{len(different)} of {len(pairs)} are not equal to HTTP:\n{shown}"
