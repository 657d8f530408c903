"""The requests of the load, the users that send them, and the goals."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from tests.load.crowd import create_users
from tests.load.generator import Request
from tests.load.rows import bulk_connection, new_conversations, new_forum, update_statistics
from tests.person import Person
from tests.system import LocalSystem

NEIGHBOURS = 10
MESSAGES_EACH = 3
AUTHORS = 100


@dataclass(frozen=True, slots=True)
class Goal:
    """The goals on two cores, on which everything runs (design of the system, §8). None: no goal.
    `ratio`: to the rate of the monolith, in the same run.
    """

    rate: float | None = None
    p95_ms: float | None = None
    cpu_ms: float | None = None
    ratio: float | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """`name`: method and path, whose `{…}` are filled from the population. `body`: see Request."""

    what: str
    name: str
    function: str
    goal: Goal
    body: str | None = None


_MESSAGE = json.dumps(
    {"conversation_id": "{conversation}", "content": "message {number} 🦉", "nonce": "b-{number}"}
)
_POST = json.dumps({"title": "Post {number}", "body": "What it says. " * 15, "nonce": "b-{number}"})

HEALTH = Route("health", "GET /health", "CheckHealth", Goal(2500, cpu_ms=0.25))
COMPARED = (
    Route("who am I", "GET /me", "ShowMe", Goal(1500, p95_ms=15, ratio=0.45)),
    Route(
        "send a message",
        "POST /messages",
        "SendMessage",
        Goal(700, p95_ms=40, ratio=0.85),
        _MESSAGE,
    ),
    Route(
        "newest 50 messages",
        "GET /conversations/{long}/messages?limit=50",
        "ListMessages",
        Goal(ratio=0.6),
    ),
    Route(
        "20 conversations",
        "GET /conversations",
        "ListConversations",
        Goal(1000, p95_ms=45, ratio=0.75),
    ),
    Route(
        "20 posts of a forum",
        "GET /forums/{forum}/posts",
        "ListPosts",
        Goal(1000, p95_ms=40, ratio=0.7),
    ),
    Route("create a post", "POST /forums/{board}/posts", "CreatePost", Goal(ratio=0.85), _POST),
)
"""The routes that the monolith has too."""

ROUTES = (HEALTH, *COMPARED)


@dataclass(frozen=True, slots=True)
class Population:
    """`conversations`: those of each person, in the same order. `long`: the id of the conversation
    with the long history. `forum`: the slug of the forum whose posts are listed; `board`: of the
    one in which posts are created.
    """

    people: list[Person]
    conversations: list[list[str]]
    long: str
    forum: str
    board: str

    def requests(
        self, route: Route, *, connections: int, token: Callable[[Person], str]
    ) -> list[list[Request]]:
        """The requests of each connection. Connections share people if there are too few."""
        method, path = route.name.split()
        path = path.format(long=self.long, forum=self.forum, board=self.board)
        groups = [
            range(first, len(self.people), connections)
            for first in range(min(connections, len(self.people)))
        ]
        return [
            [
                Request(method, path, token(self.people[index]), body)
                for index in groups[connection % len(groups)]
                for body in self._bodies(route, index)
            ]
            for connection in range(connections)
        ]

    def _bodies(self, route: Route, index: int) -> list[str | None]:
        if route.body is None or "{conversation}" not in route.body:
            return [route.body]
        return [route.body.replace("{conversation}", id) for id in self.conversations[index]]


def populate(system: LocalSystem, *, people: int, messages: int, posts: int) -> Population:
    """Creates people in a ring. Each has a direct conversation with the next ten people on both
    sides, or with fewer if there are not as many, and all of them have one with a long history.
    """
    ring = create_users(system, people)
    neighbours = min(NEIGHBOURS, (people - 1) // 2)
    pairs = [
        (index, (index + step) % people)
        for step in range(1, neighbours + 1)
        for index in range(people)
    ]
    authors = [UUID(person.id) for person in create_users(system, AUTHORS)]
    span = timedelta(minutes=1)
    with bulk_connection(system.endpoints.admin_conninfo) as rows:
        members = [(ring[one].id, ring[other].id) for one, other in pairs]
        direct = new_conversations(rows, members, kind="direct", messages=MESSAGES_EACH, span=span)
        everyone = [[person.id for person in ring]]
        (long,) = new_conversations(rows, everyone, kind="group", messages=messages, span=span)
        forum, board = (new_forum(rows, posts=posts, authors=authors).slug for _ in range(2))
        update_statistics(rows)
    own: list[list[str]] = [[] for _ in ring]
    for (one, other), conversation in zip(pairs, direct, strict=True):
        own[one].append(conversation)
        own[other].append(conversation)
    return Population(ring, own, long, forum, board)
