"""A group and what its people do to each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.feature.world import Answer, Person, World


@dataclass(frozen=True, slots=True)
class Group:
    world: World
    id: str

    async def put(
        self, asker: Person, other: object, *, many: Any = False, **change: Any
    ) -> Answer:
        return await asker.call("put_member", change, id=self.id, user_id=_id(other), many=many)

    async def remove(self, asker: Person, other: object, *, many: bool = False) -> Answer:
        return await asker.call("remove_member", id=self.id, user_id=_id(other), many=many)

    async def shown(self, reader: Person) -> Any:
        answer = await reader.call("show_conversation", id=self.id)
        assert answer.status == 200, answer
        return answer.body

    async def roles(self, reader: Person) -> dict[str, str]:
        """By username, without what the tests have put behind it."""
        shown = await self.shown(reader)
        assert shown["member_count"] == len(shown["members"])
        return {m["username"].rpartition("-")[0]: m["role"] for m in shown["members"]}

    async def events(self) -> list[tuple[Any, ...]]:
        """(type, data) of all that its stream has, which has no gap."""
        rows = await self.world.sql(
            "SELECT seq, type, payload FROM events WHERE stream_id = %s ORDER BY seq", self.id
        )
        assert [row[0] for row in rows] == list(range(1, len(rows) + 1))
        return [row[1:] for row in rows]

    async def head(self) -> int:
        return int((await self.world.sql("SELECT head FROM streams WHERE id = %s", self.id))[0][0])


async def group(owner: Person, *others: Person) -> Group:
    return Group(owner.world, await owner.converse(*others, kind="group"))


async def own_events(person: Person, type: str) -> list[Any]:
    """The data of those of the person's own stream."""
    rows = await person.world.sql(
        "SELECT payload FROM events WHERE stream_id = %s AND type = %s ORDER BY seq",
        person.id,
        type,
    )
    return [row[0] for row in rows]


def _id(other: object) -> object:
    return other.id if isinstance(other, Person) else other
