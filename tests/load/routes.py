"""The requests of the load, the users that send them, and the goals."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from tests.load.feeds import new_forum
from tests.load.generator import Request
from tests.person import Person
from tests.system import LocalSystem

MESSAGES_EACH = 3
POSTS = 200


@dataclass(frozen=True, slots=True)
class Goal:
    """The goal on two cores, on which everything runs (design of the system, §8). None: no goal."""

    rate: float
    p95_ms: float | None = None
    cpu_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Route:
    name: str
    function: str
    goal: Goal


ROUTES = (
    Route("GET /health", "CheckHealth", Goal(2500, cpu_ms=0.25)),
    Route("GET /me", "ShowMe", Goal(1500, p95_ms=15)),
    Route("GET /conversations", "ListConversations", Goal(1000, p95_ms=45)),
    Route("POST /messages", "SendMessage", Goal(700, p95_ms=40)),
    Route("GET /forums/{slug}/posts", "ListPosts", Goal(1000, p95_ms=40)),
)


@dataclass(frozen=True, slots=True)
class Population:
    """`conversations`: those of each person, in the same order. `forum`: the slug of the forum
    whose posts are listed.
    """

    people: list[Person]
    conversations: list[list[str]]
    forum: str

    def requests(self, route: Route, *, connections: int) -> list[list[Request]]:
        """The requests of each connection. Connections share people if there are too few."""
        method, path = route.name.replace("{slug}", self.forum).split()
        groups = [
            range(first, len(self.people), connections)
            for first in range(min(connections, len(self.people)))
        ]
        return [
            [
                Request(method, path, self.people[index].access_token, body)
                for index in groups[connection % len(groups)]
                for body in self._bodies(method, index)
            ]
            for connection in range(connections)
        ]

    def _bodies(self, method: str, index: int) -> list[dict[str, str] | None]:
        if method == "GET":
            return [None]
        return [{"conversation_id": each} for each in self.conversations[index]]


async def populate(system: LocalSystem, *, people: int, neighbours: int) -> Population:
    """Creates people in a ring. Each has a direct conversation with `neighbours` people on both
    sides.
    """
    ring = await system.people(people)
    own: list[list[str]] = [[] for _ in ring]

    async def exchange(index: int) -> None:
        for step in range(1, neighbours + 1):
            other = (index + step) % people
            conversation = await ring[index].start_conversation(ring[other], kind="direct")
            for turn in range(MESSAGES_EACH):
                author = ring[(index, other)[turn % 2]]
                await author.send_message(conversation, f"message {turn} between two of them")
            own[index].append(conversation)
            own[other].append(conversation)

    for first in range(0, people, 8):
        await asyncio.gather(*(exchange(index) for index in range(first, min(first + 8, people))))
    return Population(ring, own, new_forum(system, posts=POSTS).slug)
