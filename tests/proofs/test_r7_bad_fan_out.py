"""R7: pushes 20 % twice, 20 % reordered, 10 % dropped, whatever is done in a group: what all
clients show is equal, and equal to what is read anew, within 5 s of the last write."""

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
from tests.proofs.chatter import LEADING, VISITING, Chatter, Talk
from tests.proofs.views import View
from tests.reader import new_client
from tests.system import LocalSystem

BAD = {"duplicate": 0.2, "reorder": 0.2, "drop": 0.1}
WITHIN_SECONDS, PATIENCE_SECONDS = 5.0, 60.0
HEARTBEAT_SECONDS = 1.0
"""It tells of the last push where that was lost; reactions are told 2 s late already."""


async def test_all_clients_end_equal(local: LocalSystem, size: Size, report: Report) -> None:
    each = size(len(LEADING), 100)
    async with gathered(local, leaders=size(3, 13), guests=size(1, 3)) as group:
        async with AsyncExitStack() as open_now:
            for view in group.views:
                listening = view.listening(focus=[group.stream], heartbeat=HEARTBEAT_SECONDS)
                await open_now.enter_async_context(listening)
            with local.faults(deliveries=BAD):
                await group.chat(each=each)
                seconds = await until_all_is_told(group, local)
                counts = local.fault_counts()
        report(
            "R7 bad fan-out",
            clients=len(group.views),
            **dict(sorted(group.talk.done.items())),
            **counts,
            equal_after=f"{seconds:.1f} s",
        )
        assert all(counts[f"deliveries_{kind}"] for kind in ("dropped", "duplicated", "reordered"))
        assert all(group.talk.done[deed] for deed in LEADING)
        await check(group.views)
        assert seconds <= WITHIN_SECONDS


async def test_without_hold_and_sync_this_proof_fails(local: LocalSystem, report: Report) -> None:
    """Sockets that take each event as it comes, unless it is an old one."""
    async with gathered(local, leaders=3, guests=1) as group:
        sockets = [await person.open_socket() for person in group.people]
        with local.faults(deliveries=BAD):
            await group.chat(each=len(LEADING))
            await asyncio.gather(*map(until_silent, sockets[:-1]))
        for socket, view in zip(sockets, group.views, strict=True):
            await socket.close()
            for event in socket.events:
                take_as_it_comes(view, parse(Event.from_json, event))
        report("R7 without hold and sync", taken=[len(socket.events) for socket in sockets])
        assert all(socket.events for socket in sockets)
        with pytest.raises(AssertionError, match="not equal"):
            await check(group.views)


@dataclass(slots=True)
class Group:
    """`views`: of the `people`, in their order; the first is the owner's, the last are guests'."""

    people: Sequence[Person]
    views: Sequence[View]
    talk: Talk

    @property
    def stream(self) -> str:
        return f"conv:{self.talk.group}"

    async def chat(self, *, each: int) -> None:
        leaders = len(self.people) - len(self.talk.guests)
        chatters = [
            Chatter(view.client, self.talk, LEADING if n < leaders else VISITING, random.Random(n))
            for n, view in enumerate(self.views)
        ]
        await asyncio.gather(*(chatter.chat(times=each) for chatter in chatters))
        await self._end()

    async def _end(self) -> None:
        """With two reactions, of which the second is told as late as can be."""
        owner, admin = (view.client for view in self.views[:2])
        last = await owner.send(self.talk.group, "farewell")
        await owner.react(last.id, "👍")
        await admin.react(last.id, "👍")


@asynccontextmanager
async def gathered(local: LocalSystem, *, leaders: int, guests: int) -> AsyncIterator[Group]:
    """People of their own, so that there is not more to look at than what happens here."""
    people = [await local.new_person() for _ in range(leaders + guests)]
    async with AsyncExitStack() as open_now:
        clients = [
            await open_now.enter_async_context(new_client(local, person)) for person in people
        ]
        talk = Talk(await people[0].start(*people[1:]), [guest.id for guest in people[leaders:]])
        for admin in people[1:leaders]:
            await clients[0].set_role(talk.group, admin.id, "admin")
        talk.recent.append(await clients[0].send(talk.group, "welcome"))
        yield Group(people, [await View.fresh(client) for client in clients], talk)


def take_as_it_comes(view: View, event: Event) -> None:
    timeline = view.mirror.timelines.get(event.stream.removeprefix("conv:"))
    if timeline is not None and event.seq is not None:
        before = max(timeline.head, event.seq - 1)
        timeline.conversation = replace(timeline.conversation, head=before)
    if event.stream.startswith("conv:") or (event.seq or 0) > view.own:
        view.take(event)


async def until_silent(socket: Socket) -> None:
    """It has heard something, and then nothing for a while."""
    await socket.until(lambda: bool(socket.events), patience=60)
    while await socket.wait_for_more(len(socket.events), patience=1.0):
        pass


async def until_all_is_told(group: Group, local: LocalSystem) -> float:
    """The seconds it took; gives up after many, and lets the check say what is missing."""
    clock = asyncio.get_running_loop().time
    began = clock()
    while (now := clock() - began) < PATIENCE_SECONDS:
        if are_equal(group.views) and await asyncio.to_thread(is_all_told, group, local):
            break
        await asyncio.sleep(0.02)
    return now


def are_equal(views: Sequence[View]) -> bool:
    """In what all see who are in it, as far back as each of them knows it."""
    whole, *others = (view.mirror.timelines for view in views)
    return all(
        common(timeline, known=timeline) == common(whole[id], known=timeline)
        for timelines in others
        for id, timeline in timelines.items()
    )


def common(timeline: Timeline, *, known: Timeline) -> Any:
    """As far as `known` has it. Who is a member is checked at the end."""
    talk = timeline.conversation
    messages = [
        replace(message, my_reactions=())
        for message in timeline.messages.values()
        if message.seq > known.complete_after
    ]
    return talk.name, talk.head, talk.member_count, messages


def is_all_told(group: Group, local: LocalSystem) -> bool:
    """No reaction waits, and then: everybody has come to the end of every stream of theirs."""
    waiting = local.count(
        "SELECT count(*) FROM pending_reactions JOIN messages ON messages.id = message_id "
        f"WHERE conversation_id = '{group.talk.group}'"
    )
    heads = dict(local.query("SELECT kind || ':' || id, head FROM streams"))
    return not waiting and all(view.cursors.items() <= heads.items() for view in group.views)


async def check(views: Iterable[View]) -> None:
    """Each of them against a fresh one."""
    fresh = [(view, await View.fresh(view.client)) for view in views]
    different = [found for view, anew in fresh if (found := view.differences(anew))]
    told = "\n".join(line[:3000] for lines in different for line in lines[:3])
    assert not different, f"{len(different)} of {len(fresh)} are not equal to the whole:\n{told}"
