"""A conversation in tests: what its members do, and what it has stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.feature.world import Answer, Person, World


@dataclass(frozen=True, slots=True)
class Conversation:
    """Messages and users are given as themselves, or as an id."""

    world: World
    id: str

    async def put_member(
        self, caller: Person, user: object, *, many: Any = False, **change: Any
    ) -> Answer:
        return await caller.call("put_member", change, id=self.id, user_id=_id(user), many=many)

    async def remove_member(self, caller: Person, user: object, *, many: bool = False) -> Answer:
        return await caller.call("remove_member", id=self.id, user_id=_id(user), many=many)

    async def show(self, reader: Person) -> Any:
        answer = await reader.call("show_conversation", id=self.id)
        assert answer.status == 200, answer
        return answer.body

    async def roles(self, reader: Person) -> dict[str, str]:
        """By the name that the test has given the user."""
        shown = await self.show(reader)
        assert shown["member_count"] == len(shown["members"])
        return {m["username"].rpartition("-")[0]: m["role"] for m in shown["members"]}

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

    async def list_pins(self, person: Person) -> Answer:
        return await person.call("list_pins", id=self.id)

    async def show_message(self, person: Person, message: Any) -> Answer:
        return await person.call("show_message", id=_id(message))

    async def list_messages(self, person: Person) -> list[Any]:
        """All messages, oldest first; they fit one page."""
        answer = await person.call("list_messages", id=self.id, query="after=0")
        assert (answer.status, answer.body["next"]) == (200, None)
        return list(answer.body["items"])

    async def events(self, type: str = "") -> list[Any]:
        """The data of the events of a type, or (type, data) of all events. The stream has no
        gap.
        """
        rows = await self.world.sql(
            "SELECT seq, type, payload FROM events WHERE stream_id = %s ORDER BY seq", self.id
        )
        assert [row[0] for row in rows] == list(range(1, len(rows) + 1))
        return [row[2] if type else row[1:] for row in rows if type in ("", row[1])]

    async def head(self) -> int:
        return int((await self.world.sql("SELECT head FROM streams WHERE id = %s", self.id))[0][0])

    async def age_message(self, message: Any, **age: int) -> None:
        """Makes the message so old: days=1, minutes=-1."""
        await self.world.sql(
            "UPDATE messages SET created_at = now() - make_interval(days => %s, mins => %s)"
            " WHERE id = %s",
            age.get("days", 0),
            age.get("minutes", 0),
            message["id"],
        )

    async def age_reactions(self, message: Any, *, seconds: int) -> None:
        """Makes the last `message.reacted`, and all that is not published yet, so much older."""
        age = "SET reactions_published_at = reactions_published_at - make_interval(secs => %s)"
        await self.world.sql(f"UPDATE messages {age} WHERE id = %s", seconds, message["id"])
        age = "UPDATE pending_reactions SET created_at = created_at - make_interval(secs => %s)"
        await self.world.sql(f"{age} WHERE message_id = %s", seconds, message["id"])

    async def count_pending_reactions(self, message: Any) -> int:
        query = "SELECT count(*) FROM pending_reactions WHERE message_id = %s"
        return int((await self.world.sql(query, message["id"]))[0][0])

    def reaction_job(self, message: Any) -> Any:
        """The job that publishes the pending reactions to the message."""
        stream = f"conv:{self.id}"
        return {"flush": {"channel": "reactions", "stream": stream, "message_id": message["id"]}}

    async def drop_member(self, person: Person) -> None:
        """Removes the member without an event, whatever the rules say."""
        await self.world.sql(
            "DELETE FROM conversation_members WHERE conversation_id = %s AND user_id = %s",
            self.id,
            person.id,
        )

    async def fill(self, *, members: int) -> None:
        """Adds members who exist in Postgres only, up to so many."""
        await self.world.sql(
            """
            WITH person AS (
                INSERT INTO users (id, username, email, password_hash, display_name, created_at)
                SELECT gen_random_uuid(), 'x' || %s || n, 'x' || %s || n || '@example.org', '',
                       'x', now()
                FROM generate_series(2, %s) AS n
                RETURNING id
            ), counted AS (
                UPDATE conversations SET member_count = %s WHERE id = %s
            )
            INSERT INTO conversation_members (conversation_id, user_id, role, joined_at, large,
                                              active_at)
            SELECT %s, id, 'member', now(), %s > 32, now() FROM person
            """,
            self.id, self.id, members, members, self.id, self.id, members,
        )  # fmt: skip


async def start_direct(person: Person, other: Person) -> Conversation:
    return Conversation(person.world, await person.converse(other))


async def start_group(owner: Person, *others: Person) -> Conversation:
    return Conversation(owner.world, await owner.converse(*others, kind="group"))


async def send(
    person: Person, conversation: object, content: object = "hi", **fields: object
) -> Answer:
    """`conversation`: its id; `fields`: those of the draft, and many."""
    many = bool(fields.pop("many", False))
    draft = {"conversation_id": str(conversation), "content": content, **fields}
    return await person.call("send_message", draft, many=many)


def _id(of: Any) -> Any:
    if isinstance(of, Person):
        return of.id
    return of["id"] if isinstance(of, dict) else of
