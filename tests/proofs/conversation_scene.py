"""Conversations in which every persona has their role, and what calls there need."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self
from uuid import UUID, uuid4

import httpx
import pyotp

from cgraph.accounts.one_time_tokens.tokens import OneTimeToken, Purpose
from cgraph_local.core.endpoints import Endpoints
from cgraph_local.demo.mail_links import mail_token, one_time_token, unverify
from tests.person import PASSWORD, Document, Person
from tests.proofs.passkeys import add_passkey, new_passkey, passkey_response
from tests.proofs.personas import CONVERSATION_ROLES, Actor, Persona, Personas, Response
from tests.proofs.placeholders import Placeholders
from tests.proofs.route_cases import API_TOKEN, NEW_PASSWORD, SUBSCRIPTION, UPLOAD
from tests.system import LocalSystem

NO_ID = "00000000-0000-7000-8000-000000000000"
DIRECT = (Persona.PEER, Persona.BLOCKED_PEER)
GROUP_MEMBERS = (
    *(Persona.ADMIN, Persona.MEMBER, Persona.AUTHOR),
    *(Persona.FORMER_MEMBER, Persona.REVOKED),
)


@dataclass(slots=True)
class ConversationScene:
    """A group, and a direct conversation for each of DIRECT. `canary`: in every message of them,
    whose author is never the one who acts. `group`: empty where no persona needs it.
    `uploads`: by owner; no call uses them up.
    """

    personas: Personas
    canary: str = field(default_factory=lambda: f"canary-{uuid4().hex}")
    secret: str = ""
    group: str = ""
    directs: dict[Persona, str] = field(default_factory=dict)
    messages: dict[str, str] = field(default_factory=dict)
    uploads: dict[str, str] = field(default_factory=dict)

    @classmethod
    async def create(cls, personas: Personas, *acting: Persona) -> Self:
        """For all of the personas, or only for those who will act."""
        scene = cls(personas)
        acting = acting or tuple(personas.actors)
        for actor in personas.present(*DIRECT):
            if actor.persona in acting:
                await scene.owner.request_json("DELETE", scene.block(actor.persona))
                conversation = await scene.owner.start_conversation(actor.person, kind="direct")
                scene.directs[actor.persona] = conversation
        if set(acting) - set(DIRECT):
            await scene._start_group()
        for actor in personas.present(Persona.OTHER_OWNER):
            await actor.person.start_conversation()
        for persona in acting:
            conversation = scene.conversation(persona)
            if conversation not in scene.messages:
                scene.messages[conversation] = await scene.new_message(persona)
        return scene

    @property
    def owner(self) -> Person:
        return self.personas[Persona.OWNER].person

    def conversation(self, persona: Persona) -> str:
        return self.directs.get(persona, self.group)

    def stream(self, persona: Persona) -> str:
        return f"conv:{self.conversation(persona)}"

    def block(self, persona: Persona) -> str:
        """The path of the owner's block of them."""
        return f"/me/blocks/{self.personas[persona].person.id}"

    def placeholders(self, actor: Actor, *, fresh: bool) -> Placeholders:
        return ConversationPlaceholders(actor, fresh, self)

    async def new_message(self, persona: Persona) -> str:
        """In their conversation, by its author or by the peer."""
        conversation = self.conversation(persona)
        author = self.owner if persona in DIRECT else self.personas[Persona.AUTHOR].person
        if persona is Persona.BLOCKED_PEER:
            await self.owner.request_json("DELETE", self.block(persona))
        response = await author.send_message(conversation, self.canary)
        assert response.is_success, response.text
        if persona is Persona.BLOCKED_PEER:
            await self.owner.request_json("PUT", self.block(persona))
        return str(response.json()["id"])

    async def snapshot(self) -> list[Document]:
        """All that a refused call could have changed."""
        documents = []
        for conversation in filter(None, (self.group, *self.directs.values())):
            documents.append(await self.owner.get(f"/conversations/{conversation}"))
            documents += await self.owner.history(conversation)
        for actor in self.personas.present(Persona.REVOKED):
            documents += [await actor.person.get("/me"), await actor.person.get("/me/blocks")]
        return documents

    async def roles(self) -> dict[Persona, str | None]:
        """In the group."""
        members = (await self.owner.get(f"/conversations/{self.group}"))["members"]
        roles = {member["id"]: member["role"] for member in members}
        return {
            persona: roles.get(actor.person.id) for persona, actor in self.personas.actors.items()
        }

    async def add(self, person: Person, *, role: str = "member") -> None:
        path = f"/conversations/{self.group}/members/{person.id}"
        await self.owner.request_json("PUT", path, body={"role": role})

    async def _start_group(self) -> None:
        members = self.personas.present(*GROUP_MEMBERS)
        self.group = await self.owner.start_conversation(*(each.person for each in members))
        for actor in self.personas.present(Persona.ADMIN, Persona.REVOKED):
            await self.add(actor.person, role="admin")
        for actor in self.personas.present(Persona.FORMER_MEMBER):
            path = f"/conversations/{self.group}/members/{actor.person.id}"
            await self.owner.request_json("DELETE", path)


@dataclass(slots=True)
class ConversationPlaceholders(Placeholders):
    scene: ConversationScene

    async def restore(self, name: str, response: Response) -> None:
        persona, actor = self.actor.persona, self.actor
        if name == "change_password":
            body = {"current_password": NEW_PASSWORD, "new_password": PASSWORD}
            await actor.succeed("POST /auth/password", body)
        elif name == "confirm_totp" or name == "renew_backup_codes":
            code = response.document["backup_codes"][0]
            await actor.succeed("POST /auth/totp/remove", {"code": code})
        elif name in ("verify_email", "confirm_email"):
            unverify(self._endpoints(), user_id=UUID(actor.person.id))
        elif name == "create_invitation":  # an account has few
            await actor.succeed(f"DELETE /me/invitations/{response.document['id']}")
        elif name == "pin_message":  # a conversation has at most so many
            pins = await actor.succeed(f"GET /conversations/{await self.conversation()}/pins")
            await actor.succeed(f"DELETE /messages/{pins['items'][0]['id']}/pin")
        elif name == "remove_member, of the caller":
            await self.scene.add(actor.person, role=CONVERSATION_ROLES[persona])

    async def conversation(self) -> str:
        return self.scene.conversation(self.actor.persona)

    async def stream(self) -> str:
        return self.scene.stream(self.actor.persona)

    async def reacted_message(self) -> str:
        """One to which the caller has reacted, where they can remove that."""
        message = await self.message()
        if self.fresh:
            await self.actor.call(f"PUT /messages/{message}/reactions/👍")
        return message

    async def pinned_message(self) -> str:
        message = await self.message()
        if self.fresh:
            await self.actor.call(f"PUT /messages/{message}/pin")
        return message

    async def subscribed_stream(self) -> str:
        """One to which they have tried to subscribe."""
        stream = await self.stream()
        await self.actor.call("subscribe", {"streams": [stream]})
        return stream

    async def message(self) -> str:
        if self.fresh:
            return await self.scene.new_message(self.actor.persona)
        return self.scene.messages[await self.conversation()]

    async def newcomer(self) -> str:
        return self.scene.personas.newcomer(self.actor.persona).id

    async def member(self) -> str:
        """A member other than the caller."""
        persona = self.actor.persona
        if persona in DIRECT:
            return self.scene.owner.id
        if not self.fresh:
            other = Persona.MEMBER if persona is Persona.AUTHOR else Persona.AUTHOR
            return self.scene.personas[other].person.id
        person = self.scene.personas.newcomer(persona)
        await self.scene.add(person)
        return person.id

    async def username(self) -> str:
        return self._other_user().username

    async def name(self) -> str:
        return f"new-{uuid4().hex[:20]}"

    async def login(self) -> str:
        return self.actor.person.username

    async def refresh_token(self) -> str:
        return (await self.actor.person.log_in()).refresh_token

    async def session(self) -> str:
        if self.fresh:
            await self.actor.person.log_in()
        return await _newest_session(self.actor.person)

    async def other_session(self) -> str:
        return await _newest_session(self._other_user())

    async def device(self) -> str:
        return await _new_device(self.actor.person) if self.fresh else NO_ID

    async def other_device(self) -> str:
        return await _new_device(self._other_user())

    async def api_token(self) -> str:
        return await _new_api_token(self.actor.person) if self.fresh else NO_ID

    async def other_api_token(self) -> str:
        return await _new_api_token(self._other_user())

    async def new_passkey(self) -> str:
        return await new_passkey(self.actor.person) if self.fresh else "{}"

    async def passkey(self) -> str:
        return await add_passkey(self.actor.person) if self.fresh else NO_ID

    async def other_passkey(self) -> str:
        return await add_passkey(self._other_user())

    async def passkey_response(self) -> str:
        return await passkey_response(self.actor.person)

    async def mail_token(self) -> str:
        return mail_token(self._endpoints(), user_id=UUID(self.actor.person.id))

    async def email_code(self) -> str:
        return self._mailed(Purpose.VERIFY_EMAIL, self.actor.person).code

    async def email_token(self) -> str:
        return self._mailed(Purpose.VERIFY_EMAIL, self.actor.person).text

    async def reset_token(self) -> str:
        """Of an account of its own, whose sessions end."""
        return self._mailed(
            Purpose.RESET_PASSWORD, await self.scene.personas.system.new_person()
        ).text

    async def invitation(self) -> str:
        return await _new_invitation(self.actor.person) if self.fresh else NO_ID

    async def other_invitation(self) -> str:
        return await _new_invitation(self._other_user())

    async def upload(self) -> str:
        """In parts, none of which was sent."""
        return await self._upload_of(self.actor.person)

    async def arrived_upload(self) -> str:
        """In parts, all of which were sent."""
        if not self.fresh:
            return str(uuid4())
        begun = await self.actor.person.request_json("POST", "/uploads", body=UPLOAD)
        async with httpx.AsyncClient() as client:
            for part in begun["parts"]:
                sent = await client.put(part["url"], content=bytes(part["size"]))
                assert sent.is_success, sent.text
        return str(begun["upload"]["id"])

    async def other_upload(self) -> str:
        return await self._upload_of(self._other_user())

    async def code(self) -> str:
        if not self.fresh:
            return "000000"
        totp = await self.actor.succeed("POST /auth/totp", {"password": PASSWORD})
        return pyotp.TOTP(totp["secret"]).now()

    async def backup_code(self) -> str:
        if not self.fresh:
            return "AAAA-BBBB-CCCC-DDDD"
        body = {"code": await self.code()}
        confirmed = await self.actor.succeed("POST /auth/totp/confirm", body)
        return str(confirmed["backup_codes"][0])

    async def _upload_of(self, person: Person) -> str:
        if self.fresh:
            return await _new_upload(person)
        uploads = self.scene.uploads
        if person.id not in uploads:
            uploads[person.id] = await _new_upload(person)
        return uploads[person.id]

    def _endpoints(self) -> Endpoints:
        system = self.scene.personas.system
        assert isinstance(system, LocalSystem)
        return system.endpoints

    def _mailed(self, purpose: Purpose, person: Person) -> OneTimeToken:
        return one_time_token(self._endpoints(), user_id=UUID(person.id), purpose=purpose)

    def _other_user(self) -> Person:
        is_owner = self.actor.persona is Persona.OWNER
        return self.scene.personas[Persona.ADMIN].person if is_owner else self.scene.owner


async def _new_invitation(person: Person) -> str:
    """One of few that are open."""
    open_ones = (await person.get("/me/invitations"))["items"]
    for each in open_ones[:1]:
        if each["used_at"] is None:
            return str(each["id"])
    return str((await person.request_json("POST", "/me/invitations", body={}))["id"])


async def _new_device(person: Person) -> str:
    draft = {**SUBSCRIPTION, "endpoint": f"https://push.example.org/{uuid4()}"}
    return str((await person.request_json("POST", "/me/devices", body=draft))["id"])


async def _new_api_token(person: Person) -> str:
    """With a fresh log-in, and in place of the older ones: a user has few."""
    fresh = await person.log_in()
    for token in (await fresh.get("/me/tokens"))["items"]:
        await fresh.request_json("DELETE", f"/me/tokens/{token['id']}")
    return str((await fresh.request_json("POST", "/me/tokens", body=API_TOKEN))["id"])


async def _new_upload(person: Person) -> str:
    return str((await person.request_json("POST", "/uploads", body=UPLOAD))["upload"]["id"])


async def _newest_session(person: Person) -> str:
    return str((await person.get("/auth/sessions"))["items"][0]["id"])
