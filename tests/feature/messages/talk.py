"""A conversation, and what its people do to its messages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.feature.world import Answer, Person, World


@dataclass(frozen=True, slots=True)
class Talk:
    world: World
    id: str

    async def edit(
        self, person: Person, message: Any, content: object, *, version: int = 1, many: bool = False
    ) -> Answer:
        change = {"content": content, "version": version}
        return await person.call("edit_message", change, id=_id(message), many=many)

    async def delete(self, person: Person, message: Any, *, many: bool = False) -> Answer:
        return await person.call("delete_message", id=_id(message), many=many)

    async def react(
        self, person: Person, message: Any, emoji: str, *, many: bool = False
    ) -> Answer:
        return await person.call("add_reaction", id=_id(message), emoji=emoji, many=many)

    async def unreact(
        self, person: Person, message: Any, emoji: str, *, many: bool = False
    ) -> Answer:
        return await person.call("remove_reaction", id=_id(message), emoji=emoji, many=many)

    async def pin(self, person: Person, message: Any, *, many: bool = False) -> Answer:
        return await person.call("pin_message", id=_id(message), many=many)

    async def unpin(self, person: Person, message: Any) -> Answer:
        return await person.call("unpin_message", id=_id(message))

    async def pins(self, person: Person) -> Answer:
        return await person.call("list_pins", id=self.id)

    async def show(self, person: Person, message: Any) -> Answer:
        return await person.call("show_message", id=_id(message))

    async def history(self, person: Person) -> list[Any]:
        """Oldest first, which is one page."""
        answer = await person.call("list_messages", id=self.id, query="after=0")
        assert (answer.status, answer.body["next"]) == (200, None)
        return list(answer.body["items"])

    async def events(self, type: str = "") -> list[Any]:
        """The data of those of a type, or all as (type, data), of a stream that has no gap."""
        rows = await self.world.sql(
            "SELECT seq, type, payload FROM events WHERE stream_id = %s ORDER BY seq", self.id
        )
        assert [row[0] for row in rows] == list(range(1, len(rows) + 1))
        return [row[2] if type else row[1:] for row in rows if type in ("", row[1])]

    async def aged(self, message: Any, **age: int) -> None:
        """As if it had been sent so long ago: days=1, minutes=-1."""
        await self.world.sql(
            "UPDATE messages SET created_at = now() - make_interval(days => %s, mins => %s)"
            " WHERE id = %s",
            age.get("days", 0),
            age.get("minutes", 0),
            message["id"],
        )

    async def left(self, person: Person) -> None:
        """Removed, whatever the rules say."""
        await self.world.sql(
            "DELETE FROM conversation_members WHERE conversation_id = %s AND user_id = %s",
            self.id,
            person.id,
        )


async def talk(person: Person, *others: Person, kind: str = "direct") -> Talk:
    return Talk(person.world, await person.converse(*others, kind=kind))


def _id(message: Any) -> Any:
    return message["id"] if isinstance(message, dict) else message
