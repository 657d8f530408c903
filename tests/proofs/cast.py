"""Those who try what they may and may not do: one for each way to stand to a conversation."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Self

from websockets.exceptions import InvalidStatus

from cgraph.policies import Role
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


ROLES: Mapping[Persona, Role] = {
    Persona.OWNER: Role.OWNER,
    Persona.ADMIN: Role.ADMIN,
    Persona.MEMBER: Role.MEMBER,
    Persona.AUTHOR: Role.MEMBER,
    Persona.EQUAL: Role.MEMBER,
    Persona.BLOCKED: Role.MEMBER,
}
"""Of those who are in the conversation, and signed in."""

NO_SOCKET = "no_socket"


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
class Actor:
    """`token`: the one they show, which for some is none, or not good any more."""

    persona: Persona
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

    actors: Mapping[Persona, Actor]
    newcomers: Mapping[Persona, Person]

    @classmethod
    async def gather(cls, system: System) -> Self:
        names = [persona for persona in Persona if persona is not Persona.ANONYMOUS]
        people = await _register(system, len(names) + 2)
        actors: dict[Persona, Actor] = {
            persona: Actor(persona, person, person.access_token)
            for persona, person in zip(names, people, strict=False)
        }
        newcomers = dict(zip((Persona.OWNER, Persona.ADMIN), people[len(names) :], strict=True))
        revoked = actors[Persona.REVOKED]
        revoked.token = (await revoked.log_in())["access_token"]
        actors[Persona.ANONYMOUS] = Actor(Persona.ANONYMOUS, revoked.person, None)
        cast = cls(actors, newcomers)
        await asyncio.gather(*(cast._open_socket(actor) for actor in actors.values()))
        await revoked.succeed("POST /auth/logout")
        await cast[Persona.ELSEWHERE].person.start(newcomers[Persona.OWNER])
        return cast

    def __getitem__(self, persona: Persona) -> Actor:
        return self.actors[persona]

    def newcomer(self, persona: Persona) -> Person:
        return self.newcomers.get(persona, self.newcomers[Persona.OWNER])

    async def close(self) -> None:
        for actor in self.actors.values():
            if actor.socket is not None:
                await actor.socket.close()

    async def _open_socket(self, actor: Actor) -> None:
        if actor.token is not None:
            person = replace(actor.person, access_token=actor.token)
            actor.socket = await person.open_socket()


async def _register(system: System, number: int) -> list[Person]:
    people: list[Person] = []
    while len(people) < number:
        some = (system.new_person() for _ in range(min(4, number - len(people))))
        people += await asyncio.gather(*some)
    return people
