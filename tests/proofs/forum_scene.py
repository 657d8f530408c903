"""A forum in which every persona has their role, and what calls there need."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import uuid4

import httpx

from cgraph.forums.policies import ForumRole
from tests.person import Document
from tests.proofs.media_scene import MediaScene
from tests.proofs.personas import FORUM_ROLES, Actor, Persona, Personas, Response
from tests.proofs.placeholders import Placeholders
from tests.system import LocalSystem

IN_FORUM = (ForumRole.OWNER, ForumRole.MODERATOR, ForumRole.MEMBER)

MODERATED_LISTS = ("members", "requests", "reports", "bans", "appeals", "audit")
USES_A_MEMBER = (
    "add_forum_member",
    "appoint_moderator",
    "dismiss_moderator",
    "warn_user",
    "restore_texts",
    "resolve_membership_request",
)
POSTS_IN_A_STATE = {
    "pinned_post": "pin",
    "locked_post": "lock",
    "edited_post": "",
    "hidden_version_post": "versions/1/hidden",
}
"""Placeholders for a post in this state, and what brings it there. For calls that are refused, they
are any post."""


def new_slug() -> str:
    return f"forum-{uuid4().hex[:20]}"


@dataclass(slots=True)
class ForumScene:
    """`canary`: in every post and comment; `secret`: in what only its moderators may read.
    `other_slug`: of another forum with the same owner and moderator. `resources`: those of calls
    that are refused, by placeholder. Without texts it has neither. `filters`: held while the
    filters are changed for a moment.
    """

    personas: Personas
    visibility: str
    canary: str = field(default_factory=lambda: f"canary{uuid4().hex}")
    secret: str = field(default_factory=lambda: f"secret{uuid4().hex}")
    slug: str = ""
    id: str = ""
    other_slug: str = ""
    resources: dict[str, str] = field(default_factory=dict)
    filters: asyncio.Lock = field(default_factory=asyncio.Lock)

    @classmethod
    async def create(cls, personas: Personas, *, visibility: str, texts: bool = True) -> Self:
        scene = cls(personas, visibility)
        forum = await scene._start_forum(Persona.OWNER)
        scene.slug, scene.id = forum["slug"], forum["id"]
        for actor in personas.actors.values():
            await scene.assign_role(actor)
        if texts:
            scene.other_slug = (await scene._start_forum(Persona.OWNER))["slug"]
            admin = personas[Persona.ADMIN].person.id
            await scene.call(Persona.OWNER, f"PUT /forums/{scene.other_slug}/moderators/{admin}")
            await scene._create_resources()
        return scene

    def stream(self, persona: Persona) -> str:
        return f"forum:{self.id}"

    def placeholders(self, actor: Actor, *, fresh: bool) -> Placeholders:
        return ForumPlaceholders(actor, fresh, self)

    async def call(self, persona: Persona, operation: str, body: Any = None) -> Document:
        return await self.personas[persona].succeed(operation, body)

    async def assign_role(self, actor: Actor) -> None:
        """Makes them what FORUM_ROLES says, a revoked one a moderator."""
        forum, id = f"/forums/{self.slug}", actor.person.id
        if actor.persona in (Persona.ADMIN, Persona.REVOKED):
            await self.call(Persona.OWNER, f"PUT {forum}/moderators/{id}")
        elif actor.persona in (Persona.MEMBER, Persona.AUTHOR):
            await self.call(Persona.OWNER, f"PUT {forum}/members/{id}")
        elif actor.persona is Persona.FORMER_MEMBER:
            await self.call(Persona.OWNER, f"PUT {forum}/members/{id}")
            await actor.succeed(f"DELETE {forum}/membership")
        elif actor.persona is Persona.BANNED:
            await self.personas[Persona.OWNER].call(f"DELETE {forum}/bans/{id}")
            await self.call(Persona.OWNER, f"PUT {forum}/members/{id}")
            ban = {"days": 1, "reason": self.secret}
            await self.call(Persona.OWNER, f"PUT {forum}/bans/{id}", ban)
        elif actor.persona is Persona.OTHER_OWNER:
            await self._start_forum(Persona.OTHER_OWNER)

    async def new_post(self, **fields: Any) -> str:
        draft = {"title": self.canary, "body": self.canary, **fields}
        post = await self.call(Persona.AUTHOR, f"POST /forums/{self.slug}/posts", draft)
        return str(post["id"])

    async def new_poll(self) -> str:
        return await self.new_post(kind="poll", poll={"options": ["yes", "no"]})

    async def new_comment(self, post: str) -> str:
        body = {"body": self.canary}
        return str((await self.call(Persona.AUTHOR, f"POST /posts/{post}/comments", body))["id"])

    async def remove(self, kind: str, id: str, *, by: Persona = Persona.OWNER) -> str:
        """Returns the same id."""
        await self.call(by, f"PUT /{kind}s/{id}/removal", {})
        return id

    async def change_post(self, post: str, state: str) -> str:
        """`state`: one of POSTS_IN_A_STATE. Returns the same id."""
        if state in ("edited_post", "hidden_version_post"):
            edit = {"version": 1, "title": self.canary * 2}
            await self.call(Persona.AUTHOR, f"PATCH /posts/{post}", edit)
        path = POSTS_IN_A_STATE[state]
        if path:
            await self.call(Persona.OWNER, f"PUT /posts/{post}/{path}")
        return post

    async def write_held(self, kind: str, post: str) -> str:
        """A post, or a comment under the post, that a filter holds for approval."""
        async with self.filters:
            await self.set_filters("hold")
            held = f"{self.canary} {self.secret}"
            path, draft = f"/posts/{post}/comments", {"body": held}
            if kind == "post":
                path, draft = f"/forums/{self.slug}/posts", {"title": self.canary, "body": held}
            created = await self.call(Persona.AUTHOR, f"POST {path}", draft)
            await self.set_filters("reject")
        return str(created["id"])

    async def set_filters(self, action: str) -> None:
        """Of the secret."""
        body = {"words": [self.secret], "action": action}
        await self.call(Persona.OWNER, f"PUT /forums/{self.slug}/filters", body)

    async def report(self, post: str) -> str:
        """Returns the id by which moderators see the report."""
        target = {"kind": "post", "id": post}
        body = {"target": target, "reason": "spam", "note": self.secret}
        await self.call(Persona.MEMBER, "POST /reports", body)
        path, cursor = f"GET /forums/{self.slug}/reports?limit=100", ""
        while True:
            page = await self.call(Persona.OWNER, f"{path}{cursor}")
            for case in page["items"]:
                if case["target"]["id"] == post:
                    return str(case["id"])
            assert page["next"] is not None, "a reported post is in the queue"
            cursor = f"&cursor={page['next']}"

    async def appeal(self, *, removed_by: Persona) -> str:
        """Against the removal of a new post."""
        post = await self.remove("post", await self.new_post(), by=removed_by)
        body = {"against": {"kind": "post", "id": post}, "content": "again"}
        return str((await self.call(Persona.AUTHOR, "POST /appeals", body))["id"])

    async def snapshot(self) -> list[Document]:
        """All that a refused call could have changed."""
        forum, names = f"/forums/{self.slug}", ("post", "poll", "removed_post")
        posts = [f"/posts/{self.resources[name]}" for name in names if self.resources]
        paths = (
            forum,
            *(f"{forum}/{each}" for each in MODERATED_LISTS),
            *(f"{forum}/{each}" for each in ("emoji", "filters", "posts?sort=new")),
            *posts,
            *(f"{post}/{each}" for post in posts[:1] for each in ("comments", "versions")),
        )
        return [await self.call(Persona.OWNER, f"GET {path}") for path in paths]

    async def roles(self) -> dict[Persona, str | None]:
        """As each persona who is signed in gets it; None where they may not know the forum."""
        roles = {}
        for actor in self.personas.present(*FORUM_ROLES):
            response = await actor.call(f"GET /forums/{self.slug}")
            roles[actor.persona] = response.document.get("role")
        return roles

    async def _start_forum(self, owner: Persona) -> Document:
        private = owner is Persona.OTHER_OWNER
        visibility = "private" if private else self.visibility
        draft = {"slug": new_slug(), "name": "A forum", "visibility": visibility}
        accepts = {"join_requests": visibility != "public"}
        return await self.call(owner, "POST /forums", draft | accepts)

    async def _create_resources(self) -> None:
        post = await self.new_post()
        comment, removed_comment = await self.new_comment(post), await self.new_comment(post)
        self.resources = {
            "post": post,
            "comment": comment,
            "poll": await self.new_poll(),
            "report": await self.report(await self.new_post()),
            "removed_post": await self.remove("post", await self.new_post()),
            "removed_comment": await self.remove("comment", removed_comment),
            "appeal": await self.appeal(removed_by=Persona.OWNER),
        }
        await self.set_filters("reject")


@dataclass(slots=True)
class ForumPlaceholders(Placeholders):
    scene: ForumScene
    _created: dict[str, str] = field(default_factory=dict)

    async def restore(self, name: str, response: Response) -> None:
        persona = self.actor.persona
        forum, newcomer = f"/forums/{self.scene.slug}", await self.newcomer()
        if name in ("join_forum", "leave_forum", "remove_forum_member, of the caller"):
            if FORUM_ROLES[persona] == ForumRole.VISITOR:
                await self.scene.call(persona, f"DELETE {forum}/membership")
            else:
                await self.scene.assign_role(self.actor)
        elif name == "request_membership" and FORUM_ROLES[persona] == ForumRole.VISITOR:
            # Who has been a member may ask again at once, who has withdrawn a request may not.
            path = f"{forum}/requests/{self.actor.person.id}/resolve"
            await self.scene.call(Persona.OWNER, f"POST {path}", {"decision": "accept"})
            await self.scene.call(persona, f"DELETE {forum}/membership")
        elif name == "pin_post":
            await self.scene.call(Persona.OWNER, f"DELETE /posts/{self._created['post']}/pin")
        elif name in ("ban_user", "remove_texts"):
            await self.scene.call(Persona.OWNER, f"DELETE {forum}/bans/{newcomer}")
        elif name in USES_A_MEMBER:
            await self.scene.call(Persona.OWNER, f"DELETE {forum}/members/{newcomer}")

    async def forum(self) -> str:
        return self.scene.slug

    async def requested_forum(self) -> str:
        """The same forum, of which a caller for whom this is possible asks to become a member."""
        if self.fresh:
            await self.actor.succeed(f"PUT /forums/{self.scene.slug}/membership/request", {})
        return self.scene.slug

    async def requester(self) -> str:
        if self.fresh:
            newcomer = self.scene.personas.newcomer(self.actor.persona)
            actor = Actor(Persona.STRANGER, newcomer, newcomer.access_token)
            await actor.succeed(f"PUT /forums/{self.scene.slug}/membership/request", {})
        return await self.newcomer()

    async def other_forum(self) -> str:
        return self.scene.other_slug

    async def new_slug(self) -> str:
        return new_slug()

    async def emoji_upload(self) -> str:
        """Ready to be an emoji, of the caller."""
        if not self.fresh:
            return str(uuid4())
        system = self.scene.personas.system
        assert isinstance(system, LocalSystem)
        async with httpx.AsyncClient() as edge:
            return await MediaScene(system, edge).upload(self.actor.person, purpose="emoji")

    async def emoji(self) -> str:
        """The name of one."""
        if not self.fresh:
            return "kettle"
        name, body = f"kettle_{uuid4().hex[:12]}", {"upload": await self.emoji_upload()}
        await self.actor.succeed(f"PUT /forums/{self.scene.slug}/emoji/{name}", body)
        return name

    async def secret(self) -> str:
        return self.scene.secret

    async def forum_stream(self) -> str:
        return f"forum:{self.scene.id}"

    async def post_stream(self) -> str:
        return f"post:{self.scene.resources['post']}"

    async def newcomer(self) -> str:
        return self.scene.personas.newcomer(self.actor.persona).id

    async def forum_member(self) -> str:
        """A member other than the caller."""
        if not self.fresh:
            is_author = self.actor.persona is Persona.AUTHOR
            return self._id_of(Persona.MEMBER if is_author else Persona.AUTHOR)
        return await self._newcomer_among("members")

    async def moderator(self) -> str:
        if not self.fresh:
            return self._id_of(Persona.ADMIN)
        return await self._newcomer_among("moderators")

    async def banned(self) -> str:
        if not self.fresh:
            return self._id_of(Persona.BANNED)
        id = await self.newcomer()
        ban = {"days": 1}
        await self.scene.call(Persona.OWNER, f"PUT /forums/{self.scene.slug}/bans/{id}", ban)
        return id

    async def post(self) -> str:
        return await self._resource("post")

    async def pinned_post(self) -> str:
        return await self._resource("pinned_post")

    async def locked_post(self) -> str:
        return await self._resource("locked_post")

    async def edited_post(self) -> str:
        return await self._resource("edited_post")

    async def held_post(self) -> str:
        return await self._resource("held_post")

    async def held_comment(self) -> str:
        return await self._resource("held_comment")

    async def hidden_version_post(self) -> str:
        return await self._resource("hidden_version_post")

    async def comment(self) -> str:
        return await self._resource("comment")

    async def poll(self) -> str:
        return await self._resource("poll")

    async def report(self) -> str:
        return await self._resource("report")

    async def claimed_report(self) -> str:
        report = await self.report()
        if self.fresh:
            await self.actor.succeed(f"POST /reports/{report}/claim")
        return report

    async def removed_post(self) -> str:
        return await self._resource("removed_post")

    async def removed_comment(self) -> str:
        return await self._resource("removed_comment")

    async def appeal(self) -> str:
        return await self._resource("appeal")

    def _id_of(self, persona: Persona) -> str:
        return self.scene.personas[persona].person.id

    async def _newcomer_among(self, folder: str) -> str:
        id = await self.newcomer()
        await self.scene.call(Persona.OWNER, f"PUT /forums/{self.scene.slug}/{folder}/{id}")
        return id

    async def _resource(self, name: str) -> str:
        if not self.fresh:
            shared = "post" if name in POSTS_IN_A_STATE else name.removeprefix("held_")
            return self.scene.resources[shared]
        if name not in self._created:
            self._created[name] = await self._create(name)
        return self._created[name]

    async def _create(self, name: str) -> str:
        scene = self.scene
        if name == "post":
            return await scene.new_post()
        if name == "poll":
            return await scene.new_poll()
        if name == "appeal":
            is_owner = self.actor.persona is Persona.OWNER
            return await scene.appeal(removed_by=Persona.ADMIN if is_owner else Persona.OWNER)
        post = await self.post()
        if name in POSTS_IN_A_STATE:
            return await scene.change_post(post, name)
        if name in ("held_post", "held_comment"):
            return await scene.write_held(name.removeprefix("held_"), post)
        if name == "report":
            return await scene.report(post)
        if name == "removed_post":
            return await scene.remove("post", post)
        comment = await scene.new_comment(post)
        return comment if name == "comment" else await scene.remove("comment", comment)
