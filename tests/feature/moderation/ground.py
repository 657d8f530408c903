"""A forum with its people, posts and comments, as moderators find them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from cgraph.core import ids
from cgraph_local.api_documents.frames import EVENTS
from tests.feature.world import Answer, Person, World


@dataclass(frozen=True, slots=True)
class Ground:
    """`owner` owns it, `moderator` moderates it, `member` is in it."""

    world: World
    id: UUID
    slug: str
    owner: Person
    moderator: Person
    member: Person

    async def call(self, person: Person, function: str, body: object = None, **more: Any) -> Answer:
        return await person.call(function, body, slug=self.slug, **more)

    async def post(self, author: Person, *, title: str = "A title", shadowed: bool = False) -> str:
        """Its id."""
        id = ids.uuid7()
        await self.world.sql(
            """
            SELECT write_post(%s, %s, %s, 'text', %s, 'The body', '<p>The body</p>', NULL, '{}',
                              NULL, NULL, NULL, %s, now())
            """,
            id,
            self.id,
            author.id,
            title,
            shadowed,
        )
        return str(id)

    async def comment(self, author: Person, *, under: str) -> str:
        """Its id."""
        id = ids.uuid7()
        await self.world.sql(
            "SELECT write_comment(%s, %s, NULL, %s, 'A word', '<p>A word</p>', false, now())",
            id,
            under,
            author.id,
        )
        return str(id)

    async def join(self, person: Person, *, role: str = "member") -> None:
        await self.world.sql(
            "INSERT INTO forum_members VALUES (%s, %s, %s, now())", self.id, person.id, role
        )

    async def report(
        self, person: Person, id: str, *, kind: str = "post", reason: str = "spam", **more: Any
    ) -> Answer:
        many = more.pop("many", False)
        return await person.call(
            "file_report",
            {"target": {"kind": kind, "id": id}, "reason": reason, **more},
            many=many,
        )

    async def cases(self, *, state: str = "open") -> list[Any]:
        answer = await self.call(self.moderator, "list_forum_reports", query=f"state={state}")
        assert answer.status == 200, answer
        return list(answer.body["items"])

    async def audited(self) -> list[Any]:
        """The oldest first."""
        answer = await self.call(self.owner, "list_audit")
        assert answer.status == 200, answer
        return list(reversed(answer.body["items"]))

    async def faults(self) -> list[tuple[int, str]]:
        rows = await self.world.sql("SELECT number, fault FROM audit_faults(%s)", self.id)
        return [(number, fault) for number, fault in rows]


async def told(world: World, person: Person) -> list[Any]:
    """What their own stream told of moderation: type and data, which is as documented."""
    rows = await world.sql(
        "SELECT type, payload FROM events"
        " WHERE stream_id = %s AND type ~ '^(moderation|appeal)' ORDER BY seq",
        person.id,
    )
    for type, data in rows:
        shown = EVENTS[type]
        if isinstance(shown, Mapping):
            parts = {name: _read(model, data[name]) for name, model in shown.items()}
            assert parts == data
        else:
            assert _read(shown, data) == data
    return rows


def _read(model: type[BaseModel], data: object) -> object:
    return model.model_validate(data).model_dump(mode="json")


async def forum(
    world: World, owner: Person, moderator: Person, member: Person, *, visibility: str = "public"
) -> Ground:
    ground = Ground(world, ids.uuid7(), f"f-{ids.uuid7().hex[20:]}", owner, moderator, member)
    await world.sql(
        """
        WITH stream AS (INSERT INTO streams (id, kind) VALUES (%s, 'forum'))
        INSERT INTO forums (id, slug, name, visibility, posting, created_by, created_at, active_at)
        VALUES (%s, %s, 'A forum', %s, 'everyone', %s, now(), now())
        """,
        ground.id,
        ground.id,
        ground.slug,
        visibility,
        owner.id,
    )
    for person, role in ((owner, "owner"), (moderator, "moderator"), (member, "member")):
        await ground.join(person, role=role)
    return ground
