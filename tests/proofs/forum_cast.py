"""Those who try what they may and may not do in forums, and the forums they try it in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self
from uuid import uuid4

from cgraph.forums.policies import ForumRole
from tests.person import Document, Person
from tests.proofs.cast import Actor
from tests.system import System


class Stander(StrEnum):
    """One for each way to stand to a forum."""

    OWNER = "owner"
    MODERATOR = "moderator"
    MEMBER = "member"
    AUTHOR = "author"
    FORMER = "former member"
    VISITOR = "visitor"
    BANNED = "banned"
    ELSEWHERE = "owner of another forum"
    ANONYMOUS = "anonymous"


ROLES: Mapping[Stander, ForumRole] = {
    Stander.OWNER: ForumRole.OWNER,
    Stander.MODERATOR: ForumRole.MODERATOR,
    Stander.MEMBER: ForumRole.MEMBER,
    Stander.AUTHOR: ForumRole.MEMBER,
    Stander.FORMER: ForumRole.VISITOR,
    Stander.VISITOR: ForumRole.VISITOR,
    Stander.BANNED: ForumRole.BANNED,
    Stander.ELSEWHERE: ForumRole.VISITOR,
}
"""In a forum that everybody reads; in a private one visitors and banned people are nobody."""

IN_FORUM = (ForumRole.OWNER, ForumRole.MODERATOR, ForumRole.MEMBER)
MODERATING = (Stander.OWNER, Stander.MODERATOR)


@dataclass(slots=True)
class ForumCast:
    """`newcomers`: in no forum until a moderator does something to them, one for each of those."""

    actors: dict[Stander, Actor[Stander]]
    newcomers: dict[Stander, Person]

    @classmethod
    async def gather(cls, system: System) -> Self:
        people = await system.people(len(Stander) + len(MODERATING))
        cast = cls({}, dict(zip(MODERATING, people[len(Stander) :], strict=True)))
        for stander, person in zip(Stander, people, strict=False):
            token = None if stander is Stander.ANONYMOUS else person.access_token
            cast.actors[stander] = Actor(stander, person, token)
            if token is not None:
                cast.actors[stander].socket = await person.open_socket()
        return cast

    def __getitem__(self, stander: Stander) -> Actor[Stander]:
        return self.actors[stander]

    async def close(self) -> None:
        for actor in self.actors.values():
            if actor.socket is not None:
                await actor.socket.close()


@dataclass(slots=True)
class ForumStage:
    """A forum in which everybody stands as they should. `canary` is said in its posts, `secret`
    among its moderators. `slug`: of it; `other`: of another, with the same moderators.
    """

    cast: ForumCast
    visibility: str
    canary: str = field(default_factory=lambda: f"canary{uuid4().hex}")
    secret: str = field(default_factory=lambda: f"secret{uuid4().hex}")
    slug: str = ""
    id: str = ""
    other: str = ""
    things: dict[str, str] = field(default_factory=dict)

    @classmethod
    async def make(cls, cast: ForumCast, *, visibility: str) -> Self:
        stage = cls(cast, visibility)
        other, made = await stage._new_forum(), await stage._new_forum()
        stage.other, stage.slug, stage.id = other["slug"], made["slug"], made["id"]
        moderator = cast[Stander.MODERATOR].person.id
        await stage.do(Stander.OWNER, f"PUT /forums/{stage.other}/moderators/{moderator}")
        for stander, role in ROLES.items():
            if role in IN_FORUM or stander in (Stander.FORMER, Stander.BANNED):
                await stage.put(stander)
        await stage.do(Stander.FORMER, f"DELETE /forums/{stage.slug}/membership")
        await stage.do(
            Stander.ELSEWHERE,
            "POST /forums",
            {"slug": new_slug(), "name": "mine", "visibility": "private"},
        )
        await stage._furnish()
        return stage

    def role(self, stander: Stander) -> ForumRole | None:
        role = ROLES.get(stander)
        return role if role in IN_FORUM or self.visibility != "private" else None

    async def do(self, stander: Stander, ask: str, body: Any = None) -> Document:
        return await self.cast[stander].succeed(ask, body)

    async def put(self, stander: Stander) -> None:
        """Into the role that is theirs."""
        forum, id = f"/forums/{self.slug}", self.cast[stander].person.id
        if stander is Stander.OWNER:
            return
        if stander is Stander.BANNED:
            await self.do(Stander.OWNER, f"DELETE {forum}/bans/{id}")
        folder = "moderators" if stander is Stander.MODERATOR else "members"
        await self.do(Stander.OWNER, f"PUT {forum}/{folder}/{id}")
        if stander is Stander.BANNED:
            body = {"days": 1, "reason": self.secret}
            await self.do(Stander.OWNER, f"PUT {forum}/bans/{id}", body)

    async def new_post(self, **fields: Any) -> str:
        draft = {"title": self.canary, "body": self.canary, **fields}
        return str((await self.do(Stander.AUTHOR, f"POST /forums/{self.slug}/posts", draft))["id"])

    async def new_comment(self, post: str) -> str:
        ask = f"POST /posts/{post}/comments"
        return str((await self.do(Stander.AUTHOR, ask, {"body": self.canary}))["id"])

    async def removed(self, kind: str, id: str, *, by: Stander = Stander.OWNER) -> str:
        await self.do(by, f"PUT /{kind}s/{id}/removal", {})
        return id

    async def reported(self, post: str) -> str:
        """The report's id, as moderators see it."""
        target = {"kind": "post", "id": post}
        body = {"target": target, "reason": "spam", "note": self.secret}
        await self.do(Stander.MEMBER, "POST /reports", body)
        path, cursor = f"GET /forums/{self.slug}/reports?limit=100", ""
        while True:
            page = await self.do(Stander.OWNER, f"{path}{cursor}")
            found = [each["id"] for each in page["items"] if each["target"]["id"] == post]
            if found:
                return str(found[0])
            assert page["next"] is not None, "what was reported is in the queue"
            cursor = f"&cursor={page['next']}"

    async def appealed(self, *, removed_by: Stander) -> str:
        post = await self.removed("post", await self.new_post(), by=removed_by)
        body = {"against": {"kind": "post", "id": post}, "content": "again"}
        return str((await self.do(Stander.AUTHOR, "POST /appeals", body))["id"])

    async def seen(self) -> list[Document]:
        """All that a refused call could have changed."""
        forum, post = f"/forums/{self.slug}", self.things["post"]
        paths = (
            forum,
            *(f"{forum}/{what}" for what in ("members", "reports", "bans", "appeals", "audit")),
            *(f"{forum}/{what}" for what in ("filters", "posts?sort=new")),
            *(f"/posts/{self.things[name]}" for name in ("post", "poll", "removed_post")),
            *(f"/posts/{post}/{what}" for what in ("comments", "versions")),
        )
        return [await self.do(Stander.OWNER, f"GET {path}") for path in paths]

    async def _new_forum(self) -> Document:
        draft = {"slug": new_slug(), "name": "A forum", "visibility": self.visibility}
        return await self.do(Stander.OWNER, "POST /forums", draft)

    async def _furnish(self) -> None:
        """What those who are refused may ask for."""
        post = await self.new_post()
        comment, gone = await self.new_comment(post), await self.new_comment(post)
        self.things = {
            "post": post,
            "comment": comment,
            "poll": await self.new_post(kind="poll", poll={"options": ["yes", "no"]}),
            "report": await self.reported(await self.new_post()),
            "removed_post": await self.removed("post", await self.new_post()),
            "removed_comment": await self.removed("comment", gone),
            "appeal": await self.appealed(removed_by=Stander.OWNER),
        }
        body = {"words": [self.secret], "action": "reject"}
        await self.do(Stander.OWNER, f"PUT /forums/{self.slug}/filters", body)


def new_slug() -> str:
    return f"forum-{uuid4().hex[:20]}"
