"""The things of one call in a forum."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.proofs.cast import Actor
from tests.proofs.forum_cast import ROLES, ForumStage, Stander, new_slug
from tests.proofs.scenes import filled

BY_ITSELF = frozenset(("join_forum", "leave_forum", "remove_forum_member, oneself"))
"""After these one does not stand to the forum as before."""


@dataclass(slots=True)
class ForumThings:
    """Each method is a `{name}` of a recipe. `fresh`: the call will succeed, and use them up;
    whatever is refused may ask for the same.
    """

    stage: ForumStage
    actor: Actor[Stander]
    fresh: bool
    _made: dict[str, str] = field(default_factory=dict)

    async def fill(self, value: Any) -> Any:
        return await filled(value, self)

    async def put_back(self, name: str) -> None:
        """After a success that would stand in the way of later calls."""
        stander = self.actor.persona
        forum, id = f"/forums/{self.stage.slug}", await self.newcomer()
        if name in BY_ITSELF and ROLES[stander] == "visitor":
            await self.stage.do(stander, f"DELETE {forum}/membership")
        elif name in BY_ITSELF:
            await self.stage.put(stander)
        elif name == "pin_post":
            await self.stage.do(Stander.OWNER, f"DELETE /posts/{self._made['post']}/pin")
        elif name in ("ban_user", "unban_user"):
            await self.stage.do(Stander.OWNER, f"DELETE {forum}/bans/{id}")
        elif name in ("add_forum_member", "appoint_moderator", "dismiss_moderator", "warn_user"):
            await self.stage.do(Stander.OWNER, f"DELETE {forum}/members/{id}")

    async def forum(self) -> str:
        return self.stage.slug

    async def other_forum(self) -> str:
        return self.stage.other

    async def new_slug(self) -> str:
        return new_slug()

    async def secret(self) -> str:
        return self.stage.secret

    async def forum_stream(self) -> str:
        return f"forum:{self.stage.id}"

    async def post_stream(self) -> str:
        return f"post:{self.stage.things['post']}"

    async def oneself(self) -> str:
        return self.actor.person.id

    async def newcomer(self) -> str:
        newcomers = self.stage.cast.newcomers
        return newcomers.get(self.actor.persona, newcomers[Stander.OWNER]).id

    async def joined(self) -> str:
        """A member, somebody else."""
        if not self.fresh:
            is_author = self.actor.persona is Stander.AUTHOR
            return self.stage.cast[Stander.MEMBER if is_author else Stander.AUTHOR].person.id
        return await self._newcomer_in("members")

    async def appointed(self) -> str:
        """A moderator."""
        if not self.fresh:
            return self.stage.cast[Stander.MODERATOR].person.id
        return await self._newcomer_in("moderators")

    async def shut_out(self) -> str:
        if not self.fresh:
            return self.stage.cast[Stander.BANNED].person.id
        id = await self.newcomer()
        await self.stage.do(Stander.OWNER, f"PUT /forums/{self.stage.slug}/bans/{id}", {"days": 1})
        return id

    async def post(self) -> str:
        return await self._thing("post")

    async def comment(self) -> str:
        return await self._thing("comment")

    async def poll(self) -> str:
        return await self._thing("poll")

    async def report(self) -> str:
        return await self._thing("report")

    async def claimed(self) -> str:
        report = await self.report()
        if self.fresh:
            await self.actor.succeed(f"POST /reports/{report}/claim")
        return report

    async def removed_post(self) -> str:
        return await self._thing("removed_post")

    async def removed_comment(self) -> str:
        return await self._thing("removed_comment")

    async def appeal(self) -> str:
        return await self._thing("appeal")

    async def _newcomer_in(self, folder: str) -> str:
        id = await self.newcomer()
        await self.stage.do(Stander.OWNER, f"PUT /forums/{self.stage.slug}/{folder}/{id}")
        return id

    async def _thing(self, name: str) -> str:
        if not self.fresh:
            return self.stage.things[name]
        if name not in self._made:
            self._made[name] = await self._new_thing(name)
        return self._made[name]

    async def _new_thing(self, name: str) -> str:
        stage = self.stage
        if name == "poll":
            return await stage.new_post(kind="poll", poll={"options": ["yes", "no"]})
        if name == "appeal":
            is_owner = self.actor.persona is Stander.OWNER
            return await stage.appealed(removed_by=Stander.MODERATOR if is_owner else Stander.OWNER)
        if name == "post":
            return await stage.new_post()
        post = await self.post()
        if name == "report":
            return await stage.reported(post)
        if name == "removed_post":
            return await stage.removed("post", post)
        comment = await stage.new_comment(post)
        return comment if name == "comment" else await stage.removed("comment", comment)
