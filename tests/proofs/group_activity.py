"""Members who do everything that can be done in a group, at once and without coordination."""

from __future__ import annotations

import random
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from cgraph_client import ApiError, Client, Message

LEADER_ACTIONS = (
    *("send", "react", "edit", "read", "reply", "pin", "add", "edit"),
    *("send", "rename", "unreact", "delete", "unpin", "remove"),
)
"""What an owner or admin does, one after another."""

GUEST_ACTIONS = ("reply", "react", "read", "edit", "unreact", "send", "delete")
"""What somebody does who is a member from time to time."""

TOO_LATE = {
    "conversation_not_found",
    "member_not_found",
    "message_deleted",
    "message_not_found",
}
"""Refusals that are right where another member was quicker."""

EMOJIS = ("👍", "🎉")
RECENT = 10


@dataclass(slots=True)
class Activity:
    """What all members of the group share. `guests`: the ids of those who are added and removed.
    `done`: how often each action was done."""

    group: str
    guests: Sequence[str]
    recent: deque[Message] = field(default_factory=lambda: deque(maxlen=RECENT))
    done: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class ActiveMember:
    """`own`: their latest message unless it is deleted. `pinned`: by them, since 50 have room."""

    client: Client
    activity: Activity
    actions: Sequence[str]
    dice: random.Random
    own: Message | None = None
    pinned: Message | None = None

    async def act(self, *, times: int) -> None:
        for number in range(times):
            action = self.actions[number % len(self.actions)]
            try:
                await ACTIONS[action](self)
            except ApiError as refusal:
                if refusal.code not in TOO_LATE and not refusal.is_transient:
                    raise
                action = "unanswered" if refusal.is_transient else "too late"
            self.activity.done[action] += 1

    async def send(self) -> None:
        self._sent(await self.client.send(self.activity.group, f"{self.dice.random()}"))

    async def reply(self) -> None:
        text, target = f"so {self.dice.random()}", self._any_message()
        self._sent(await self.client.send(self.activity.group, text, reply_to=target.id))

    async def edit(self) -> None:
        if self.own is not None:
            text = f"{self.own.content}, rather"
            self.own = await self.client.edit(self.own.id, text, version=self.own.version)

    async def delete(self) -> None:
        if self.own is not None:
            await self.client.delete(self.own.id)
            self.own = None

    async def react(self) -> None:
        await self.client.react(self._any_message().id, self.dice.choice(EMOJIS))

    async def unreact(self) -> None:
        await self.client.unreact(self._any_message().id, self.dice.choice(EMOJIS))

    async def pin(self) -> None:
        self.pinned = self._any_message()
        await self.client.pin(self.pinned.id)

    async def unpin(self) -> None:
        if self.pinned is not None:
            await self.client.unpin(self.pinned.id)

    async def read(self) -> None:
        await self.client.mark_read(self.activity.group, self._any_message().seq)

    async def rename(self) -> None:
        await self.client.rename(self.activity.group, f"named {self.dice.random()}")

    async def add(self) -> None:
        await self.client.add_member(self.activity.group, self.dice.choice(self.activity.guests))

    async def remove(self) -> None:
        await self.client.remove_member(self.activity.group, self.dice.choice(self.activity.guests))

    def _sent(self, message: Message) -> None:
        self.own = message
        self.activity.recent.append(message)

    def _any_message(self) -> Message:
        return self.dice.choice(self.activity.recent)


ACTIONS: Mapping[str, Callable[[ActiveMember], Awaitable[None]]] = {
    action: getattr(ActiveMember, action) for action in {*LEADER_ACTIONS, *GUEST_ACTIONS}
}
