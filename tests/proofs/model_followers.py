"""The people of the model-based proof: each with a client that follows, and a plain socket that
records what was really pushed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, Self

from cgraph_client import Message, Timeline
from tests.person import Document, Person, Socket
from tests.proofs.client_state import ClientState
from tests.proofs.model import Model
from tests.reader import new_client
from tests.system import System

TIMEOUT_SECONDS = 20.0


@dataclass(slots=True)
class Follower:
    """`connection`: None while disconnected. `pushed`: every event as it came. `old_states`: from
    which it can catch up again."""

    person: Person
    state: ClientState
    old_states: list[ClientState] = field(default_factory=list)
    connection: AsyncExitStack | None = None
    socket: Socket | None = None
    pushed: list[Document] = field(default_factory=list)

    @classmethod
    async def start(cls, person: Person, *, system: System) -> Self:
        follower = cls(person, await ClientState.load(new_client(system, person)))
        follower.remember_state()
        await follower.connect()
        return follower

    @property
    def id(self) -> str:
        return self.person.id

    def remember_state(self) -> None:
        self.old_states.append(self.state.copy())

    async def connect(self) -> None:
        if self.connection is None:
            self.connection = AsyncExitStack()
            await self.connection.enter_async_context(self.state.connected())
            self.socket = await self.person.open_socket()

    async def disconnect(self) -> None:
        if self.connection is not None:
            connection, self.connection = self.connection, None
            await connection.aclose()
            await self._close_socket()

    async def reopen_socket(self) -> None:
        """Where it was cut; the client does so by itself."""
        if self.connection is not None and self.socket is not None and self.socket.reading.done():
            await self._close_socket()
            self.socket = await self.person.open_socket()

    async def close(self) -> None:
        await self.disconnect()
        await self.state.client.close()

    def differences(
        self, model: Model, *, state: ClientState | None = None, with_reactions: bool
    ) -> list[str]:
        """Between what the model expects and a client state: the current one by default."""
        state = state or self.state
        since = {id: timeline.complete_after for id, timeline in state.local.timelines.items()}
        expected = model.expected(reader=self.id, since=since, with_reactions=with_reactions)
        shown = shown_by(state, with_reactions=with_reactions)
        return [
            f"{self.person.username}: {name} is {shown.get(name)}, expected {expected.get(name)}"
            for name in expected | shown
            if expected.get(name) != shown.get(name)
        ]

    async def _close_socket(self) -> None:
        socket, self.socket = self.socket, None
        if socket is not None:
            await socket.close()
            self.pushed += socket.events


async def wait_until_as_expected(
    followers: Sequence[Follower], model: Model, *, with_reactions: bool = False
) -> None:
    """Until all who are connected show what the model expects, at the same time. Events of
    reactions are coalesced and come after some seconds."""
    clock = asyncio.get_running_loop().time
    limit = clock() + TIMEOUT_SECONDS
    while differences := {
        number: found
        for number, follower in enumerate(followers)
        if follower.connection is not None
        and (found := follower.differences(model, with_reactions=with_reactions))
    }:
        changed = followers[min(differences)].state.changed
        changed.clear()
        try:
            await asyncio.wait_for(changed.wait(), limit - clock())
        except TimeoutError:
            lines = [line for found in differences.values() for line in found]
            raise AssertionError("\n".join(lines)) from None


def shown_by(state: ClientState, *, with_reactions: bool) -> dict[str, Any]:
    """In the form of Model.expected."""
    conversations = {
        id: _conversation(timeline, with_reactions=with_reactions)
        for id, timeline in state.local.timelines.items()
    }
    return {"blocked": state.local.blocked, **conversations}


def _conversation(timeline: Timeline, *, with_reactions: bool) -> dict[str, Any]:
    conversation = timeline.conversation
    last = conversation.last_message
    return {
        "role": conversation.role,
        "roles": {member.id: member.role for member in conversation.members},
        "count": conversation.member_count,
        "unread": conversation.unread_count,
        "marked": conversation.marked_unread,
        "history": conversation.history,
        "last": last.id if last else None,
        "messages": [
            _message(message, with_reactions=with_reactions)
            for message in timeline.messages.values()
        ],
    }


def _message(message: Message, *, with_reactions: bool) -> dict[str, Any]:
    quoted = message.quoted
    shown = {
        "id": message.id,
        "seq": message.seq,
        "author": message.author_id,
        "content": message.content,
        "quoted": quoted and (quoted.id, quoted.content, quoted.deleted),
        "version": message.version,
        "deleted": message.deleted_at is not None,
        "pinned": message.pinned_at is not None,
        "replies": message.reply_count,
        "mentions": message.mentions,
    }
    if with_reactions:
        shown |= {"reactions": dict(message.reactions), "mine": set(message.my_reactions)}
    return shown
