"""The people who try what they may and may not do: one for each relation to a conversation and to a
forum."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Self, TypeVar

from websockets.exceptions import InvalidStatus

from cgraph.chat.policies import ConversationRole
from cgraph.forums.policies import ForumRole
from tests.person import Document, NoReply, Person, Socket
from tests.system import System


class Persona(StrEnum):
    OWNER = "owner"
    ADMIN = "admin or moderator"
    MEMBER = "member"
    AUTHOR = "author"
    PEER = "peer of a direct conversation"
    BLOCKED_PEER = "blocked peer of a direct conversation"
    FORMER_MEMBER = "former member"
    STRANGER = "stranger"
    BANNED = "user banned from the forum"
    OTHER_OWNER = "owner of another conversation and forum"
    REVOKED = "admin with a revoked session"
    ANONYMOUS = "anonymous"


CONVERSATION_ROLES: Mapping[Persona, ConversationRole] = {
    Persona.OWNER: ConversationRole.OWNER,
    Persona.ADMIN: ConversationRole.ADMIN,
    Persona.MEMBER: ConversationRole.MEMBER,
    Persona.AUTHOR: ConversationRole.MEMBER,
    Persona.PEER: ConversationRole.MEMBER,
    Persona.BLOCKED_PEER: ConversationRole.MEMBER,
}
"""Of those who are in the conversation and signed in."""

FORUM_ROLES: Mapping[Persona, ForumRole] = {
    Persona.OWNER: ForumRole.OWNER,
    Persona.ADMIN: ForumRole.MODERATOR,
    Persona.MEMBER: ForumRole.MEMBER,
    Persona.AUTHOR: ForumRole.MEMBER,
    Persona.FORMER_MEMBER: ForumRole.VISITOR,
    Persona.STRANGER: ForumRole.VISITOR,
    Persona.BANNED: ForumRole.BANNED,
    Persona.OTHER_OWNER: ForumRole.VISITOR,
}
"""In a public forum, of those who are signed in."""

CONVERSATION_PERSONAS = tuple(each for each in Persona if each is not Persona.BANNED)
FORUM_PERSONAS = (*FORUM_ROLES, Persona.REVOKED, Persona.ANONYMOUS)
MODERATORS = (Persona.OWNER, Persona.ADMIN)
LEAST_RIGHTS_FIRST = (
    *(Persona.MEMBER, Persona.AUTHOR, Persona.ADMIN, Persona.OWNER),
    Persona.STRANGER,
)
"""The stranger does what only somebody who is no member may."""

NO_SOCKET = "no_socket"

AT_ONCE = max(1, (os.cpu_count() or 1) // int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))
"""The cores that this test process has: more calls at once would only start more environments."""

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Response:
    """Of a request or a frame. `code`: of a refusal."""

    status: int
    code: str | None
    document: Document
    text: str

    @property
    def refusal(self) -> tuple[int, str | None] | None:
        return None if 200 <= self.status < 300 else (self.status, self.code)


@dataclass(slots=True)
class Actor:
    """`token`: the one they present: None, or not valid any more, for some."""

    persona: Persona
    person: Person
    token: str | None
    socket: Socket | None = None

    async def call(self, operation: str, body: Any = None) -> Response:
        """`operation`: a method and path, or a socket action."""
        method, _, path = operation.partition(" ")
        if path:
            return await self._request(method, path, body)
        return await self._send_frame(operation, body)

    async def succeed(self, operation: str, body: Any = None) -> Document:
        response = await self.call(operation, body)
        assert response.refusal is None, f"{operation} by {self.persona}: {response.text}"
        return response.document

    async def with_own_session(self) -> Self:
        return replace(self, token=(await self.person.log_in()).access_token)

    async def _request(self, method: str, path: str, body: Any) -> Response:
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        json = {} if body is None else {"json": body}
        response = await self.person.http.request(method, path, headers=headers, **json)
        is_page = response.headers.get("content-type", "").startswith("text/html")
        document = response.json() if response.content and not is_page else {}
        return Response(response.status_code, document.get("code"), document, response.text)

    async def _send_frame(self, action: str, data: Any) -> Response:
        if self.socket is None:
            return await self._open_without_ticket()
        try:
            frame = await self.socket.call(action, data)
        except NoReply as closed:  # as the socket of a revoked session is
            return Response(401, "authentication_required", {}, str(closed))
        if frame.get("ok", True):
            return Response(200, None, frame, str(frame))
        refusal = frame["error"]
        return Response(refusal["status"], refusal["code"], frame, str(frame))

    async def _open_without_ticket(self) -> Response:
        url = (await self.person.make_ticket())["url"].partition("?")[0]
        try:
            socket = await Socket.open(url)
        except InvalidStatus as refused:
            return Response(refused.response.status_code, NO_SOCKET, {}, str(refused))
        await socket.close()
        return Response(200, None, {}, "the socket opened")


@dataclass(slots=True)
class Personas:
    """`newcomers`: members of nothing until an owner or admin adds them; each has one."""

    system: System
    actors: dict[Persona, Actor] = field(default_factory=dict)
    newcomers: dict[Persona, Person] = field(default_factory=dict)

    async def register(self, persona: Persona) -> list[Actor]:
        """With an account of their own, and a socket where they have a token."""
        person = await self.system.new_person()
        actor = self.actors[persona] = Actor(persona, person, person.access_token)
        if persona is Persona.ANONYMOUS:
            actor.token = None
            return [actor]
        session = await person.log_in() if persona is Persona.REVOKED else person
        actor.token = session.access_token
        actor.socket = await session.open_socket()
        if persona is Persona.REVOKED:
            await actor.succeed("POST /auth/logout")
        return [actor]

    def __getitem__(self, persona: Persona) -> Actor:
        return self.actors[persona]

    def __contains__(self, persona: Persona) -> bool:
        return persona in self.actors

    def present(self, *personas: Persona) -> list[Actor]:
        return [self.actors[persona] for persona in personas if persona in self.actors]

    def newcomer(self, persona: Persona) -> Person:
        return self.newcomers.get(persona, self.newcomers[Persona.OWNER])

    async def close(self) -> None:
        for actor in self.actors.values():
            if actor.socket is not None:
                await actor.socket.close()


@asynccontextmanager
async def registered(system: System, personas: Collection[Persona]) -> AsyncIterator[Personas]:
    """Their sockets are closed at the end."""
    people = Personas(system)
    try:
        await gather_bounded(personas, people.register)
        for persona in MODERATORS:
            people.newcomers[persona] = await system.new_person()
        yield people
    finally:
        await people.close()


async def gather_bounded(
    items: Iterable[Item], work: Callable[[Item], Awaitable[list[Result]]]
) -> list[Result]:
    """All results, of AT_ONCE at a time."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(item: Item) -> list[Result]:
        async with gate:
            return await work(item)

    results = await asyncio.gather(*(one(item) for item in items))
    return [each for some in results for each in some]
