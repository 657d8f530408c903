"""People who do all that can be done in a group, at once and without asking each other."""

from __future__ import annotations

import random
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from cgraph_client import ApiError, Client, Message

LEADING = (
    *("send", "react", "edit", "read", "reply", "pin", "add", "edit"),
    *("send", "rename", "unreact", "delete", "unpin", "remove"),
)
"""What an owner or admin does, in turn."""

VISITING = ("reply", "react", "read", "edit", "unreact", "send", "delete")
"""What somebody does who is a member now and then."""

TOO_LATE = {
    "conversation_not_found",
    "member_not_found",
    "message_deleted",
    "message_not_found",
}
"""Refusals that are due where another one was quicker."""

EMOJIS = ("👍", "🎉")
RECENT = 10


@dataclass(slots=True)
class Talk:
    """What all of them share. `guests`: the ids of those who come and go. `done`: how often each
    deed was."""

    group: str
    guests: Sequence[str]
    recent: deque[Message] = field(default_factory=lambda: deque(maxlen=RECENT))
    done: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Chatter:
    """`own`: their latest message, while it is there. `pinned`: a conversation has room for 50."""

    client: Client
    talk: Talk
    deeds: Sequence[str]
    dice: random.Random
    own: Message | None = None
    pinned: Message | None = None

    async def chat(self, *, times: int) -> None:
        for number in range(times):
            deed = self.deeds[number % len(self.deeds)]
            try:
                await DEEDS[deed](self)
            except ApiError as refusal:
                if refusal.code not in TOO_LATE and not refusal.is_transient:
                    raise
                deed = "unanswered" if refusal.is_transient else "too late"
            self.talk.done[deed] += 1

    async def send(self) -> None:
        self._said(await self.client.send(self.talk.group, f"{self.dice.random()}"))

    async def reply(self) -> None:
        text, parent = f"so {self.dice.random()}", self._any()
        self._said(await self.client.send(self.talk.group, text, reply_to=parent.id))

    async def edit(self) -> None:
        if self.own is not None:
            text = f"{self.own.content}, rather"
            self.own = await self.client.edit(self.own.id, text, version=self.own.version)

    async def delete(self) -> None:
        if self.own is not None:
            await self.client.delete(self.own.id)
            self.own = None

    async def react(self) -> None:
        await self.client.react(self._any().id, self.dice.choice(EMOJIS))

    async def unreact(self) -> None:
        await self.client.unreact(self._any().id, self.dice.choice(EMOJIS))

    async def pin(self) -> None:
        self.pinned = self._any()
        await self.client.pin(self.pinned.id)

    async def unpin(self) -> None:
        if self.pinned is not None:
            await self.client.unpin(self.pinned.id)

    async def read(self) -> None:
        await self.client.mark_read(self.talk.group, self._any().seq)

    async def rename(self) -> None:
        await self.client.rename(self.talk.group, f"named {self.dice.random()}")

    async def add(self) -> None:
        await self.client.add_member(self.talk.group, self.dice.choice(self.talk.guests))

    async def remove(self) -> None:
        await self.client.remove_member(self.talk.group, self.dice.choice(self.talk.guests))

    def _said(self, message: Message) -> None:
        self.own = message
        self.talk.recent.append(message)

    def _any(self) -> Message:
        return self.dice.choice(self.talk.recent)


DEEDS: Mapping[str, Callable[[Chatter], Awaitable[None]]] = {
    deed: getattr(Chatter, deed) for deed in {*LEADING, *VISITING}
}
