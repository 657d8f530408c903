"""The people of the model-based proof: each with a client that follows, and a bare socket that
tells what was really pushed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, Self

from cgraph_client import Message, Timeline
from tests.person import Document, Person, Socket
from tests.proofs.model import Model
from tests.proofs.views import View
from tests.reader import new_client
from tests.system import System

PATIENCE_SECONDS = 20.0


@dataclass(slots=True)
class Follower:
    """`listening`: None while disconnected. `pushed`: every event, as it came."""

    person: Person
    view: View
    remembered: list[View] = field(default_factory=list)
    listening: AsyncExitStack | None = None
    spy: Socket | None = None
    pushed: list[Document] = field(default_factory=list)

    @classmethod
    async def begin(cls, person: Person, *, system: System) -> Self:
        follower = cls(person, await View.fresh(new_client(system, person)))
        follower.remembered.append(follower.view.copy())
        await follower.connect()
        return follower

    @property
    def id(self) -> str:
        return self.person.id

    async def connect(self) -> None:
        if self.listening is None:
            self.listening = AsyncExitStack()
            await self.listening.enter_async_context(self.view.listening())
            self.spy = await self.person.open_socket()

    async def disconnect(self) -> None:
        if self.listening is not None:
            listening, self.listening = self.listening, None
            await listening.aclose()
            await self._forget_spy()

    async def stay(self) -> None:
        """Sockets may have been cut: the client opens another by itself, the spy here."""
        if self.listening is not None and self.spy is not None and self.spy.reading.done():
            await self._forget_spy()
            self.spy = await self.person.open_socket()

    async def close(self) -> None:
        await self.disconnect()
        await self.view.client.close()

    def differences(self, model: Model, *, view: View, whole: bool) -> list[str]:
        """Between what a view shows and what must be."""
        since = {id: timeline.complete_after for id, timeline in view.mirror.timelines.items()}
        must = model.shown(to=self.id, since=since, whole=whole)
        told = shown(view, whole=whole)
        return [
            f"{self.person.username}: {name} must be {must.get(name)}, is {told.get(name)}"
            for name in must | told
            if must.get(name) != told.get(name)
        ]

    async def _forget_spy(self) -> None:
        spy, self.spy = self.spy, None
        if spy is not None:
            await spy.close()
            self.pushed += spy.events


def shown(view: View, *, whole: bool) -> dict[str, Any]:
    """As Model.shown says it."""
    places = {id: _place(timeline, whole=whole) for id, timeline in view.mirror.timelines.items()}
    return {"blocked": view.mirror.blocked, **places}


def _place(timeline: Timeline, *, whole: bool) -> dict[str, Any]:
    talk = timeline.conversation
    return {
        "role": talk.role,
        "roles": {member.id: member.role for member in talk.members},
        "count": talk.member_count,
        "unread": talk.unread_count,
        "last": talk.last_message.id if talk.last_message else None,
        "said": [_said(message, whole=whole) for message in timeline.messages.values()],
    }


def _said(message: Message, *, whole: bool) -> dict[str, Any]:
    quoted = message.quoted
    look = {
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
    if whole:
        look |= {"reactions": dict(message.reactions), "mine": set(message.my_reactions)}
    return look


async def until_as_it_must(
    followers: Sequence[Follower], model: Model, *, whole: bool = False
) -> None:
    """All who are connected. Reactions are told together, within seconds, so only the `whole` look
    at the end has them."""
    clock = asyncio.get_running_loop().time
    limit = clock() + PATIENCE_SECONDS
    while wrong := [
        difference
        for follower in followers
        if follower.listening is not None
        for difference in follower.differences(model, view=follower.view, whole=whole)
    ]:
        if clock() > limit:
            raise AssertionError("\n".join(wrong))
        await asyncio.sleep(0.005)
