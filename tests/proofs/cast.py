"""Those who try what they may and may not do: one for each way to stand to a conversation."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Generic, Self, TypeVar

from websockets.exceptions import InvalidStatus

from cgraph.chat.policies import ConversationRole
from tests.person import PASSWORD, Document, NoAnswer, Person, Socket
from tests.system import System


class Persona(StrEnum):
    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"
    AUTHOR = "author"
    EQUAL = "one of two"
    BLOCKED = "one of two, blocked"
    FORMER = "former member"
    STRANGER = "stranger"
    ELSEWHERE = "admin of another conversation"
    REVOKED = "admin whose session was revoked"
    ANONYMOUS = "anonymous"


ROLES: Mapping[Persona, ConversationRole] = {
    Persona.OWNER: ConversationRole.OWNER,
    Persona.ADMIN: ConversationRole.ADMIN,
    Persona.MEMBER: ConversationRole.MEMBER,
    Persona.AUTHOR: ConversationRole.MEMBER,
    Persona.EQUAL: ConversationRole.MEMBER,
    Persona.BLOCKED: ConversationRole.MEMBER,
}
"""Of those who are in the conversation, and signed in."""

NO_SOCKET = "no_socket"

ALL = tuple(Persona)

Result = TypeVar("Result")
Who = TypeVar("Who", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Answer:
    """`status`, 2xx for an acknowledgement that says yes; `code` where it is no."""

    status: int
    code: str | None
    document: Document
    text: str

    @property
    def refusal(self) -> tuple[int, str | None] | None:
        return None if 200 <= self.status < 300 else (self.status, self.code)


@dataclass(slots=True)
class Actor(Generic[Who]):
    """`token`: the one they show, which for some is none, or not good any more."""

    persona: Who
    person: Person
    token: str | None
    socket: Socket | None = None

    async def call(self, ask: str, body: Any = None) -> Answer:
        """`ask`: a method and path, or an action."""
        method, _, path = ask.partition(" ")
        return await (self._request(method, path, body) if path else self._frame(ask, body))

    async def succeed(self, ask: str, body: Any = None) -> Document:
        answer = await self.call(ask, body)
        assert answer.refusal is None, f"{ask} by {self.persona}: {answer.text}"
        return answer.document

    async def log_in(self) -> Document:
        """A session more."""
        account = {"login": self.person.username, "password": PASSWORD}
        return await self.succeed("POST /auth/login", account)

    async def with_session_of_its_own(self) -> Self:
        return replace(self, token=(await self.log_in())["access_token"])

    async def _request(self, method: str, path: str, body: Any) -> Answer:
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        json = {} if body is None else {"json": body}
        answer = await self.person.http.request(method, path, headers=headers, **json)
        document = answer.json() if answer.content else {}
        return Answer(answer.status_code, document.get("code"), document, answer.text)

    async def _frame(self, action: str, data: Any) -> Answer:
        if self.socket is None:
            return await self._open_without_ticket()
        try:
            frame = await self.socket.ask(action, data)
        except NoAnswer as silence:  # it is closed: that is what becomes of a revoked session's
            return Answer(401, "authentication_required", {}, str(silence))
        if frame.get("ok", True):
            return Answer(200, None, frame, str(frame))
        refusal = frame["error"]
        return Answer(refusal["status"], refusal["code"], frame, str(frame))

    async def _open_without_ticket(self) -> Answer:
        url = (await self.person.ticket())["url"].partition("?")[0]
        try:
            socket = await Socket.open(url)
        except InvalidStatus as refused:
            return Answer(refused.response.status_code, NO_SOCKET, {}, str(refused))
        await socket.close()
        return Answer(200, None, {}, "it opened")


@dataclass(slots=True)
class Cast:
    """`newcomers`: in no conversation until somebody takes them in, one for each who may."""

    system: System
    actors: dict[Persona, Actor[Persona]]
    newcomers: dict[Persona, Person] = field(default_factory=dict)

    @classmethod
    async def gather(cls, system: System, personas: Collection[Persona]) -> Self:
        cast = cls(system, {})

        async def enter(persona: Persona) -> list[Actor[Persona]]:
            person = await system.new_person()
            actor = cast.actors[persona] = Actor(persona, person, person.access_token)
            await cast._prepare(actor)
            return [actor]

        await in_turn([each for each in personas if each is not Persona.ANONYMOUS], enter)
        if Persona.ANONYMOUS in personas:
            nobody = cast[Persona.REVOKED].person
            cast.actors[Persona.ANONYMOUS] = Actor(Persona.ANONYMOUS, nobody, None)
        return cast

    def __getitem__(self, persona: Persona) -> Actor[Persona]:
        return self.actors[persona]

    def __contains__(self, persona: Persona) -> bool:
        return persona in self.actors

    async def newcomer(self, persona: Persona) -> Person:
        key = Persona.ADMIN if persona is Persona.ADMIN else Persona.OWNER
        if key not in self.newcomers:
            self.newcomers[key] = await self.system.new_person()
        return self.newcomers[key]

    async def close(self) -> None:
        for actor in self.actors.values():
            if actor.socket is not None:
                await actor.socket.close()

    async def _prepare(self, actor: Actor[Persona]) -> None:
        """With a socket, and with what came before the play."""
        if actor.persona is Persona.REVOKED:
            actor.token = (await actor.log_in())["access_token"]
        assert actor.token is not None
        actor.socket = await replace(actor.person, access_token=actor.token).open_socket()
        if actor.persona is Persona.REVOKED:
            await actor.succeed("POST /auth/logout")
        if actor.persona is Persona.ELSEWHERE:
            await actor.person.start()


@asynccontextmanager
async def gathered(system: System, personas: Collection[Persona] = ALL) -> AsyncIterator[Cast]:
    """Everybody there, until their sockets are closed."""
    cast = await Cast.gather(system, personas)
    try:
        yield cast
    finally:
        await cast.close()


async def in_turn(
    personas: Iterable[Who], play: Callable[[Who], Awaitable[list[Result]]]
) -> list[Result]:
    """Two at once, as two cores can: more would only start more environments."""
    turn = asyncio.Semaphore(2)

    async def one(persona: Who) -> list[Result]:
        async with turn:
            return await play(persona)

    found = await asyncio.gather(*(one(persona) for persona in personas))
    return [each for results in found for each in results]
