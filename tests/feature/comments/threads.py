"""A forum with a post, and what is said under it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from tests.feature.world import Answer, Person, World


@dataclass(frozen=True, slots=True)
class Thread:
    """`owner` has the forum, and wrote the post."""

    world: World
    owner: Person
    forum: str
    post: str

    async def comment(self, author: Person, body: str = "So it is.", **fields: Any) -> Any:
        """The comment."""
        answer = await self.try_comment(author, body, **fields)
        assert answer.status in (200, 201), answer
        return answer.body

    async def try_comment(
        self, author: Person, body: object = "So it is.", **fields: Any
    ) -> Answer:
        return await author.call("create_comment", {"body": body, **fields}, id=self.post)

    async def page(self, reader: Person, **query: Any) -> Any:
        answer = await self.try_page(reader, **query)
        assert answer.status == 200, answer
        return answer.body

    async def try_page(self, reader: Person, **query: Any) -> Answer:
        asked = "&".join(f"{name}={value}" for name, value in query.items())
        return await reader.call("list_comments", id=self.post, query=asked)

    async def counts(self) -> Any:
        """Of the post: ups, downs, score, comments, those that answer it."""
        (row,) = await self.world.sql(
            "SELECT ups, downs, score, comment_count, reply_count FROM post_counts"
            " WHERE post_id = %s",
            self.post,
        )
        return row

    async def events(self) -> list[tuple[str, Any]]:
        """Of the post's stream."""
        return [
            (type, payload)
            for type, payload in await self.world.sql(
                "SELECT type, payload FROM events WHERE stream_id = %s ORDER BY seq", self.post
            )
        ]

    async def take_in(self, person: Person, role: str = "member") -> None:
        await self.world.sql(
            "INSERT INTO forum_members (forum_id, user_id, role, joined_at)"
            " VALUES (%s, %s, %s, now())",
            self.forum,
            person.id,
            role,
        )

    async def ban(self, person: Person, *, shadow: bool = False) -> None:
        await self.world.sql(
            "INSERT INTO forum_bans (forum_id, user_id, shadow, created_by, created_at)"
            " VALUES (%s, %s, %s, %s, now())",
            self.forum,
            person.id,
            shadow,
            self.owner.id,
        )


async def start_thread(
    owner: Person, *, visibility: str = "public", posting: str = "everyone"
) -> Thread:
    world, forum = owner.world, str(uuid4())
    await world.sql("INSERT INTO streams (id, kind) VALUES (%s, 'forum')", forum)
    await world.sql(
        """
        INSERT INTO forums
            (id, slug, name, visibility, posting, created_by, created_at, active_at)
        VALUES (%s, %s, 'Coffee', %s, %s, %s, now(), now())
        """,
        forum,
        f"coffee-{forum[:8]}",
        visibility,
        posting,
        owner.id,
    )
    thread = Thread(world, owner, forum, await new_post(owner, forum))
    await thread.take_in(owner, "owner")
    return thread


async def new_post(author: Person, forum: str) -> str:
    """Its id."""
    post = str(uuid4())
    await author.world.sql(
        """
        SELECT write_post(%s, %s, %s, 'text', 'How hot?', 'Water.', '<p>Water.</p>', NULL, '{}',
                          NULL, NULL, NULL, false, now())
        """,
        post,
        forum,
        author.id,
    )
    return post
