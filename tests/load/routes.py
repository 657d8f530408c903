"""The requests of the load, who sends them, and the numbers to reach."""

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
    """On two cores, with everything on them (design of the system, §8). None: no such number."""

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
    """`conversations`: those of each person, in the same order. `forum`: the slug of one whose
    posts everybody reads.
    """

    people: list[Person]
    conversations: list[list[str]]
    forum: str

    def requests(self, route: Route, *, connections: int) -> list[list[Request]]:
        """For each connection people of its own, as far as there are enough."""
        method, path = route.name.replace("{slug}", self.forum).split()
        places = [
            range(first, len(self.people), connections)
            for first in range(min(connections, len(self.people)))
        ]
        return [
            [
                Request(method, path, self.people[place].access_token, body)
                for place in places[connection % len(places)]
                for body in self._bodies(method, place)
            ]
            for connection in range(connections)
        ]

    def _bodies(self, method: str, place: int) -> list[dict[str, str] | None]:
        if method == "GET":
            return [None]
        return [{"conversation_id": each} for each in self.conversations[place]]


async def populate(system: LocalSystem, *, people: int, neighbours: int) -> Population:
    """In a ring: everybody has a conversation with the next few, so each has twice as many."""
    ring = await system.people(people)
    own: list[list[str]] = [[] for _ in ring]

    async def exchange(place: int) -> None:
        for step in range(1, neighbours + 1):
            other = (place + step) % people
            conversation = await ring[place].start_conversation(ring[other], kind="direct")
            for turn in range(MESSAGES_EACH):
                author = ring[(place, other)[turn % 2]]
                await author.send_message(conversation, f"message {turn} between two of them")
            own[place].append(conversation)
            own[other].append(conversation)

    for first in range(0, people, 8):
        await asyncio.gather(*(exchange(place) for place in range(first, min(first + 8, people))))
    return Population(ring, own, new_forum(system, posts=POSTS).slug)
