"""What the actors act on: conversations, and the things of one call."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from string import Formatter
from typing import Any, Self
from uuid import uuid4

import pyotp

from tests.person import PASSWORD, Document, Person
from tests.proofs.cast import Actor, Answer, Cast, Persona
from tests.proofs.recipes import NEW_PASSWORD

DIRECT = (Persona.EQUAL, Persona.BLOCKED)
IN_GROUP = (Persona.ADMIN, Persona.MEMBER, Persona.AUTHOR, Persona.FORMER, Persona.REVOKED)


@dataclass(slots=True)
class Stage:
    """Conversations in which everybody stands as they should; `canary` is said in them, by somebody
    else than the one who asks. `group`: empty where nobody needs it.
    """

    cast: Cast
    canary: str
    group: str
    directs: dict[Persona, str]
    messages: dict[str, str]

    @classmethod
    async def make(cls, cast: Cast, personas: Collection[Persona]) -> Self:
        stage = cls(cast, f"canary-{uuid4().hex}", "", {}, {})
        for persona in DIRECT:
            if persona in personas:
                stage.directs[persona] = await stage.owner.start(
                    cast[persona].person, kind="direct"
                )
        if set(personas) - set(DIRECT):
            stage.group = await stage._new_group()
        for persona in personas:
            conversation = stage.conversation(persona)
            if conversation not in stage.messages:
                stage.messages[conversation] = await stage.new_message(persona)
        return stage

    @property
    def owner(self) -> Person:
        return self.cast[Persona.OWNER].person

    def conversation(self, persona: Persona) -> str:
        return self.directs.get(persona, self.group)

    async def new_message(self, persona: Persona) -> str:
        """In their conversation, the author's or that of the other of two."""
        conversation = self.conversation(persona)
        by = self.owner if persona in DIRECT else self.cast[Persona.AUTHOR].person
        if persona is Persona.BLOCKED:
            await self._let(persona, "DELETE")
        answer = await by.send(conversation, self.canary)
        assert answer.is_success, answer.text
        if persona is Persona.BLOCKED:
            await self._let(persona, "PUT")
        return str(answer.json()["id"])

    async def seen(self) -> list[Document]:
        """All that a refused call could have changed."""
        documents = []
        for conversation in filter(None, (self.group, *self.directs.values())):
            documents.append(await self.owner.get(f"/conversations/{conversation}"))
            documents += await self.owner.history(conversation)
        if Persona.REVOKED in self.cast:
            revoked = self.cast[Persona.REVOKED].person
            documents += [await revoked.get("/me"), await revoked.get("/me/blocks")]
        return documents

    async def add(self, person: Person, *, role: str | None = None) -> None:
        body = {} if role is None else {"role": role}
        await self._change("PUT", f"/conversations/{self.group}/members/{person.id}", body)

    async def _new_group(self) -> str:
        people = [self.cast[persona].person for persona in IN_GROUP if persona in self.cast]
        self.group = await self.owner.start(*people)
        for persona in (Persona.ADMIN, Persona.REVOKED):
            if persona in self.cast:
                await self.add(self.cast[persona].person, role="admin")
        if Persona.FORMER in self.cast:
            former = self.cast[Persona.FORMER].person
            await self._change("DELETE", f"/conversations/{self.group}/members/{former.id}")
        return self.group

    async def _let(self, persona: Persona, method: str) -> None:
        await self._change(method, f"/me/blocks/{self.cast[persona].person.id}")

    async def _change(self, method: str, path: str, body: object = None) -> None:
        answer = await self.owner.ask(method, path, body=body)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"


@dataclass(slots=True)
class Things:
    """Each method is a `{name}` of a recipe. `fresh`: the call will succeed, and use them up;
    whatever is refused may ask for the same.
    """

    stage: Stage
    actor: Actor[Persona]
    fresh: bool

    async def fill(self, value: Any) -> Any:
        return await filled(value, self)

    async def conversation(self) -> str:
        return self.stage.conversation(self.actor.persona)

    async def stream(self) -> str:
        return f"conv:{await self.conversation()}"

    async def focus(self) -> str:
        """The stream, to which they tried to subscribe."""
        stream = await self.stream()
        await self.actor.call("subscribe", {"streams": [stream]})
        return stream

    async def message(self) -> str:
        if self.fresh:
            return await self.stage.new_message(self.actor.persona)
        return self.stage.messages[await self.conversation()]

    async def newcomer(self) -> str:
        return (await self.stage.cast.newcomer(self.actor.persona)).id

    async def member(self) -> str:
        """One who is to be removed."""
        if self.actor.persona in DIRECT:
            return self.stage.owner.id
        if not self.fresh:
            is_author = self.actor.persona is Persona.AUTHOR
            return self.stage.cast[Persona.MEMBER if is_author else Persona.AUTHOR].person.id
        person = await self.stage.cast.newcomer(self.actor.persona)
        await self.stage.add(person)
        return person.id

    async def oneself(self) -> str:
        return self.actor.person.id

    async def username(self) -> str:
        return self._another().username

    async def name(self) -> str:
        return f"new-{uuid4().hex[:20]}"

    async def login(self) -> str:
        return self.actor.person.username

    async def refresh_token(self) -> str:
        return str((await self.actor.log_in())["refresh_token"])

    async def session(self) -> str:
        if self.fresh:
            await self.actor.log_in()
        return await _newest_session(self.actor.person)

    async def anothers_session(self) -> str:
        return await _newest_session(self._another())

    async def code(self) -> str:
        if not self.fresh:
            return "000000"
        new = await self.actor.succeed("POST /auth/totp", {"password": PASSWORD})
        return pyotp.TOTP(new["secret"]).now()

    async def backup_code(self) -> str:
        if not self.fresh:
            return "AAAA-BBBB-CCCC-DDDD"
        body = {"code": await self.code()}
        confirmed = await self.actor.succeed("POST /auth/totp/confirm", body)
        return str(confirmed["backup_codes"][0])

    def _another(self) -> Person:
        is_owner = self.actor.persona is Persona.OWNER
        return self.stage.cast[Persona.ADMIN].person if is_owner else self.stage.owner


async def filled(value: Any, things: object) -> Any:
    """`{names}`, wherever they stand, are what the methods of that name answer."""
    if isinstance(value, str):
        names = {name for _, name, _, _ in Formatter().parse(value) if name}
        return value.format(**{name: await getattr(things, name)() for name in names})
    if isinstance(value, dict):
        return {
            await filled(key, things): await filled(each, things) for key, each in value.items()
        }
    if isinstance(value, list):
        return [await filled(each, things) for each in value]
    return value


async def put_back(name: str, things: Things, answer: Answer) -> None:
    """After a success that would stand in the way of later calls."""
    actor = things.actor
    if name == "change_password":
        body = {"current_password": NEW_PASSWORD, "new_password": PASSWORD}
        await actor.succeed("POST /auth/password", body)
    elif name == "confirm_totp":
        code = answer.document["backup_codes"][0]
        await actor.succeed("POST /auth/totp/remove", {"code": code})


async def _newest_session(person: Person) -> str:
    return str((await person.get("/auth/sessions"))["items"][0]["id"])
