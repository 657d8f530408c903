"""A forum with posts, and what its people do to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.feature.forums.forum import Forum, forum
from tests.feature.world import Answer, Person, World


@dataclass(frozen=True, slots=True)
class Board:
    world: World
    forum: Forum

    async def try_post(self, author: Person, *, many: bool = False, **draft: Any) -> Answer:
        body = {"title": "Which grinder?", **draft}
        return await author.call("create_post", body, slug=self.forum.slug, many=many)

    async def post(self, author: Person, **draft: Any) -> Any:
        answer = await self.try_post(author, **draft)
        assert answer.status == 201, answer
        return answer.body

    async def show(self, reader: Person, post: Any) -> Answer:
        return await reader.call("show_post", id=post["id"])

    async def edit(self, editor: Person, post: Any, *, many: bool = False, **edit: Any) -> Answer:
        body = {"version": post["version"], **edit}
        return await editor.call("edit_post", body, id=post["id"], many=many)

    async def page(self, reader: Person, query: str = "") -> Answer:
        return await reader.call("list_posts", slug=self.forum.slug, query=query)

    async def titles(self, reader: Person, query: str = "") -> list[str]:
        answer = await self.page(reader, query)
        assert answer.status == 200, answer
        return [post["title"] for post in answer.body["items"]]

    async def events(self) -> list[tuple[Any, ...]]:
        """(type, data) of those of the forum's stream that are about posts."""
        return [each for each in await self.forum.events() if each[0].startswith("post.")]

    async def counted(self) -> int:
        rows = await self.world.sql("SELECT post_count FROM forums WHERE id = %s", self.forum.id)
        return int(rows[0][0])


async def board(owner: Person, *members: Person, **settings: Any) -> Board:
    return Board(owner.world, await forum(owner, *members, **settings))


async def own_stream(world: World, post: Any) -> list[tuple[Any, ...]]:
    """(type, data) of all that the post's stream has, which has no gap."""
    rows = await world.sql(
        "SELECT seq, type, payload FROM events WHERE stream_id = %s ORDER BY seq", post["id"]
    )
    assert [row[0] for row in rows] == list(range(1, len(rows) + 1))
    return [row[1:] for row in rows]
