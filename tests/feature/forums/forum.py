"""A forum and what its people do to each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from tests.feature.world import Answer, Person, World


@dataclass(frozen=True, slots=True)
class Forum:
    world: World
    id: str
    slug: str

    async def shown(self, reader: Person) -> Any:
        answer = await reader.call("show_forum", slug=self.slug)
        assert answer.status == 200, answer
        return answer.body

    async def change(self, asker: Person, **change: Any) -> Answer:
        return await asker.call("change_forum", change, slug=self.slug)

    async def join(self, person: Person, *, many: bool = False) -> Answer:
        return await person.call("join_forum", slug=self.slug, many=many)

    async def leave(self, person: Person, *, many: bool = False) -> Answer:
        return await person.call("leave_forum", slug=self.slug, many=many)

    async def add(self, asker: Person, other: object) -> Answer:
        return await self._about(asker, other, "add_forum_member")

    async def remove(self, asker: Person, other: object) -> Answer:
        return await self._about(asker, other, "remove_forum_member")

    async def appoint(self, asker: Person, other: object, **appointed: Any) -> Answer:
        return await self._about(asker, other, "appoint_moderator", appointed or None)

    async def dismiss(self, asker: Person, other: object) -> Answer:
        return await self._about(asker, other, "dismiss_moderator")

    async def ban(self, person: Person, *, until: str = "infinity", shadow: bool = False) -> None:
        """As moderation writes it."""
        await self.world.sql(
            "INSERT INTO forum_bans (forum_id, user_id, until, shadow, created_by, created_at)"
            " VALUES (%s, %s, %s, %s, %s, now())",
            *(self.id, person.id, until, shadow, person.id),
        )

    async def roles(self, reader: Person) -> dict[str, str]:
        """By username, without what the tests have put behind it."""
        answer = await reader.call("list_forum_members", slug=self.slug)
        assert answer.status == 200, answer
        assert (await self.shown(reader))["member_count"] == len(answer.body["items"])
        return {m["username"].rpartition("-")[0]: m["role"] for m in answer.body["items"]}

    async def events(self) -> list[tuple[Any, ...]]:
        """(type, data) of all that its stream has, which has no gap."""
        rows = await self.world.sql(
            "SELECT seq, type, payload FROM events WHERE stream_id = %s ORDER BY seq", self.id
        )
        assert [row[0] for row in rows] == list(range(1, len(rows) + 1))
        return [row[1:] for row in rows]

    async def _about(
        self, asker: Person, other: object, function: str, body: object = None
    ) -> Answer:
        id = other.id if isinstance(other, Person) else other
        return await asker.call(function, body, slug=self.slug, user_id=id)


def new_slug() -> str:
    return f"forum-{uuid4().hex[:12]}"


async def forum(owner: Person, *members: Person, **settings: Any) -> Forum:
    draft = {"slug": new_slug(), "name": "A forum", **settings}
    answer = await owner.call("create_forum", draft)
    assert answer.status == 201, answer
    made = Forum(owner.world, answer.body["id"], answer.body["slug"])
    for member in members:
        assert (await made.add(owner, member)).status == 200
    return made


async def own_events(person: Person) -> list[tuple[Any, ...]]:
    """(type, data) of the person's own stream."""
    return await person.world.sql(
        "SELECT type, payload FROM events WHERE stream_id = %s ORDER BY seq", person.id
    )
