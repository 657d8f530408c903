"""What one person's client shows, from a snapshot and from events: held against each other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any, Self

from cgraph_client import (
    Change,
    Client,
    Event,
    LocalState,
    Member,
    Message,
    RealtimeConnection,
    StreamRemoved,
    Timeline,
)
from tests.person import PAGE
from tests.reader import QUICK

PATIENCE_SECONDS = 10.0


@dataclass(slots=True)
class View:
    """`own`: how far it is in the person's own stream. `told`: the types of what it has applied."""

    client: Client
    mirror: LocalState
    own: int
    told: set[str] = field(default_factory=set)

    @classmethod
    async def fresh(cls, client: Client, *, own: int = 0) -> Self:
        """As HTTP shows it now. `own`: the cursor from where to look for the head."""
        me = await client.me()
        part = (await client.sync({f"user:{me.id}": own})).streams[f"user:{me.id}"]
        view = cls(client, LocalState(me), part.head)
        view.mirror.blocked = {user.id for user in (await client.blocks(limit=PAGE)).items}
        async for talk in client.all_conversations():
            messages = await _whole_history(client, talk.id)
            whole = await client.conversation(talk.id)
            view.mirror.timelines[talk.id] = Timeline.load(whole, me=me.id, messages=messages)
        return view

    def copy(self) -> View:
        return View(self.client, deepcopy(self.mirror), self.own)

    @property
    def cursors(self) -> dict[str, int]:
        heads = {f"conv:{id}": each.head for id, each in self.mirror.timelines.items()}
        return {f"user:{self.mirror.me.id}": self.own, **heads}

    def take(self, change: Change) -> None:
        self.mirror.apply(change)
        if isinstance(change, Event):
            self.told.add(change.event)
            if change.stream.startswith("user:"):
                self.own = change.seq or self.own

    async def catch_up(self) -> None:
        """By `POST /sync`, until there is nothing more."""
        while (before := self.cursors) is not None:
            for name, part in (await self.client.sync(before)).streams.items():
                assert not part.limited, f"{name} is not told but shown anew"
                for change in [StreamRemoved(name)] if part.gone else part.events:
                    self.take(change)
            if self.cursors == before:
                return

    @asynccontextmanager
    async def listening(
        self, *, focus: Collection[str] = (), heartbeat: float | None = None
    ) -> AsyncIterator[None]:
        """Over a socket, from where it is."""
        async with self.client.connect(
            self.cursors, heartbeat=heartbeat, backoff=QUICK
        ) as connection:
            connection.subscribed_streams = focus
            taking = asyncio.create_task(self._take_all(connection))
            try:
                yield
            finally:
                await connection.close()
                await taking

    def differences(self, fresh: View) -> list[str]:
        """Where this view and a fresh one do not show the same; messages as far back as this one
        has them."""
        ours, theirs = self._shown(self), fresh._shown(self)
        return [
            f"{name}: {_apart(ours.get(name), theirs.get(name))}"
            for name in {**ours, **theirs}
            if ours.get(name) != theirs.get(name)
        ]

    async def _take_all(self, connection: RealtimeConnection) -> None:
        async for change in connection:
            self.take(change)

    def _shown(self, told: View) -> dict[str, Any]:
        shown: dict[str, Any] = {"me": self.mirror.me, "blocked": self.mirror.blocked}
        for id, timeline in self.mirror.timelines.items():
            known = told.mirror.timelines.get(id)
            since = known.complete_after if known else 0
            messages = [m for m in timeline.messages.values() if m.seq > since]
            shown |= {f"{id} {m.seq}": m for m in messages}
            shown[f"{id} order"] = [m.id for m in messages]
            members = tuple(_members(timeline, as_known=known or timeline))
            shown[id] = replace(timeline.conversation, members=members)
        return shown


def _apart(told: Any, shown: Any) -> str:
    if told is None or type(told) is not type(shown) or not is_dataclass(told):
        return f"told {told!r}, shown {shown!r}"
    pairs = {
        each.name: (getattr(told, each.name), getattr(shown, each.name)) for each in fields(told)
    }
    return ", ".join(f"{name} told {a!r}, shown {b!r}" for name, (a, b) in pairs.items() if a != b)


async def _whole_history(client: Client, conversation_id: str) -> list[Message]:
    found: list[Message] = []
    while page := await client.history(
        conversation_id, after=found[-1].seq if found else 0, limit=PAGE
    ):
        found += page
        if len(page) < PAGE:
            break
    return found


def _members(timeline: Timeline, *, as_known: Timeline) -> Iterable[Member]:
    """Without what no event of the log tells: how somebody calls themselves now (a profile is asked
    for), and how far others have read (told in passing, to who looks). Whoever has joined a large
    group is told its first few members."""
    known = {member.id for member in as_known.conversation.members}
    is_whole = len(known) == as_known.conversation.member_count
    for member in timeline.conversation.members:
        if is_whole or member.id in known:
            yield replace(member, display_name=None, last_read_seq=None)


async def until_same(pushed: View, synced: View) -> None:
    """Two views of one person, told in one way and in the other. What is coalesced comes within
    seconds, and a fresh view too may be of a moment between."""
    limit = asyncio.get_running_loop().time() + PATIENCE_SECONDS
    while differences := await _differences(pushed, synced):
        if asyncio.get_running_loop().time() > limit:
            raise AssertionError("\n".join(differences))
        await asyncio.sleep(0.05)


async def _differences(pushed: View, synced: View) -> list[str]:
    await synced.catch_up()
    if pushed.cursors != synced.cursors:
        return [f"pushed up to {pushed.cursors}, synced up to {synced.cursors}"]
    fresh = await View.fresh(synced.client, own=synced.own)
    if fresh.cursors != synced.cursors:
        return [f"fresh up to {fresh.cursors}, synced up to {synced.cursors}"]
    return [*pushed.differences(fresh), *synced.differences(fresh)]
