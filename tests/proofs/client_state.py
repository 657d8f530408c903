"""What the client of one person shows, made from a snapshot and events: compared with another."""

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

TIMEOUT_SECONDS = 30.0
QUIET_SECONDS, POLL_SECONDS = 0.1, 1.0


@dataclass(slots=True)
class ClientState:
    """`user_head`: the last event of the user's own stream that is applied. `event_types`: those of
    the applied events. `changed`: set when one is applied.
    """

    client: Client
    local: LocalState
    user_head: int
    event_types: set[str] = field(default_factory=set)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    async def load(cls, client: Client, *, user_cursor: int = 0) -> Self:
        """As HTTP shows it now. `user_cursor`: a number of the user's stream that exists."""
        me = await client.me()
        stream = f"user:{me.id}"
        part = (await client.sync({stream: user_cursor})).streams[stream]
        state = cls(client, LocalState(me), part.head)
        state.local.blocked = {user.id for user in (await client.blocks(limit=PAGE)).items}
        async for listed in client.all_conversations():
            messages = await load_history(client, listed.id)
            conversation = await client.conversation(listed.id)
            state.local.timelines[listed.id] = Timeline.load(
                conversation, me=me.id, messages=messages
            )
        return state

    def copy(self) -> ClientState:
        return ClientState(self.client, deepcopy(self.local), self.user_head)

    @property
    def cursors(self) -> dict[str, int]:
        heads = {f"conv:{id}": each.head for id, each in self.local.timelines.items()}
        return {f"user:{self.local.me.id}": self.user_head, **heads}

    def apply(self, change: Change) -> None:
        self.local.apply(change)
        if isinstance(change, Event):
            self.event_types.add(change.event)
            if change.stream.startswith("user:"):
                self.user_head = change.seq or self.user_head
        self.changed.set()

    async def catch_up(self) -> None:
        """By `POST /sync`, until there is nothing more."""
        while (before := self.cursors) is not None:
            for name, part in (await self.client.sync(before)).streams.items():
                assert not part.limited, f"{name} has more events than one sync returns"
                for change in [StreamRemoved(name)] if part.gone else part.events:
                    self.apply(change)
            if self.cursors == before:
                return

    @asynccontextmanager
    async def connected(
        self, *, subscriptions: Collection[str] = (), heartbeat: float | None = None
    ) -> AsyncIterator[None]:
        """Applies what a socket brings after the cursors."""
        async with self.client.connect(
            self.cursors, heartbeat=heartbeat, backoff=QUICK
        ) as connection:
            connection.subscribed_streams = subscriptions
            applying = asyncio.create_task(self._apply_all(connection))
            try:
                yield
            finally:
                await connection.close()
                await applying

    def differences(self, loaded: ClientState) -> list[str]:
        """Where this state and one that was just loaded do not show the same; messages as far back
        as this one has them."""
        ours, theirs = self._content(self), loaded._content(self)
        return [
            f"{name}: {_difference(ours.get(name), theirs.get(name))}"
            for name in {**ours, **theirs}
            if ours.get(name) != theirs.get(name)
        ]

    async def _apply_all(self, connection: RealtimeConnection) -> None:
        async for change in connection:
            self.apply(change)

    def _content(self, shorter: ClientState) -> dict[str, Any]:
        content: dict[str, Any] = {"me": self.local.me, "blocked": self.local.blocked}
        for id, timeline in self.local.timelines.items():
            known = shorter.local.timelines.get(id)
            since = known.complete_after if known else 0
            messages = [m for m in timeline.messages.values() if m.seq > since]
            content |= {f"{id} {m.seq}": _without_urls(m) for m in messages}
            content[f"{id} order"] = [m.id for m in messages]
            members = tuple(_members(timeline, known=known or timeline))
            content[id] = replace(timeline.conversation, members=members)
        return content


def _without_urls(message: Message) -> Message:
    """Events have none."""
    previews = [
        replace(each, picture=each.picture and replace(each.picture, url=None))
        for each in message.previews
    ]
    files = [
        replace(file, url=None, thumbnails=tuple(replace(t, url=None) for t in file.thumbnails))
        for file in message.attachments
    ]
    return replace(message, attachments=tuple(files), previews=tuple(previews))


async def load_history(client: Client, conversation_id: str) -> list[Message]:
    """All messages, oldest first."""
    messages: list[Message] = []
    while page := await client.history(
        conversation_id, after=messages[-1].seq if messages else 0, limit=PAGE
    ):
        messages += page
        if len(page) < PAGE:
            break
    return messages


async def wait_until_equal(pushed: ClientState, synced: ClientState) -> None:
    """Two states of one person, one kept by a socket and one by `POST /sync`, and equal to one that
    is loaded. Coalesced events come after some seconds; to load a state takes many requests, so it
    is done when no more events come."""
    clock = asyncio.get_running_loop().time
    limit = clock() + TIMEOUT_SECONDS
    await _silence(pushed)
    while differences := await _differences(pushed, synced):
        if clock() > limit:
            raise AssertionError("\n".join(differences))
        await _changes(pushed, within=POLL_SECONDS)
        await _silence(pushed)


async def _silence(state: ClientState) -> None:
    while await _changes(state, within=QUIET_SECONDS):
        pass


async def _changes(state: ClientState, *, within: float) -> bool:
    """Whether it has changed since the last time, or does so now."""
    try:
        await asyncio.wait_for(state.changed.wait(), within)
    except TimeoutError:
        return False
    state.changed.clear()
    return True


async def _differences(pushed: ClientState, synced: ClientState) -> list[str]:
    await synced.catch_up()
    if pushed.cursors != synced.cursors:
        return [f"pushed up to {pushed.cursors}, synced up to {synced.cursors}"]
    loaded = await ClientState.load(synced.client, user_cursor=synced.user_head)
    if loaded.cursors != synced.cursors:
        return [f"loaded up to {loaded.cursors}, synced up to {synced.cursors}"]
    return [*pushed.differences(loaded), *synced.differences(loaded)]


def _difference(ours: Any, theirs: Any) -> str:
    if ours is None or type(ours) is not type(theirs) or not is_dataclass(ours):
        return f"{ours!r}, loaded {theirs!r}"
    pairs = {
        each.name: (getattr(ours, each.name), getattr(theirs, each.name)) for each in fields(ours)
    }
    return ", ".join(f"{name} {a!r}, loaded {b!r}" for name, (a, b) in pairs.items() if a != b)


def _members(timeline: Timeline, *, known: Timeline) -> Iterable[Member]:
    """Without what no durable event carries: a display name that was changed, and how far others
    have read. Who has joined a large group has its first few members only."""
    ids = {member.id for member in known.conversation.members}
    is_complete = len(ids) == known.conversation.member_count
    for member in timeline.conversation.members:
        if is_complete or member.id in ids:
            yield replace(member, display_name=None, last_read_seq=None)
