"""A forum where ranks move: many posts, many comments, and people who vote while somebody reads."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self
from uuid import uuid4

from tests.person import Document, Person
from tests.system import LocalSystem

AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class Board:
    """`posts`, `comments`: their ids; the comments are under the first post. Each has votes that
    nobody cast: 20 down, and one more up than the one before.
    """

    system: LocalSystem
    author: Person
    slug: str
    posts: Sequence[str]
    comments: Sequence[str]

    @classmethod
    async def open(cls, system: LocalSystem, author: Person, *, posts: int, comments: int) -> Self:
        slug = f"board-{uuid4().hex[:8]}"
        answer = await author.ask("POST", "/forums", body={"slug": slug, "name": "Coffee"})
        assert answer.status_code == 201, answer.text
        ids = _made(system, _posts(forum=answer.json()["id"], author=author.id, many=posts))
        said = _made(system, _comments(post=ids[0], author=author.id, many=comments))
        _settle(system, ids, said)
        return cls(system, author, slug, ids, said)

    async def pages(self, reader: Person, *, path: str, **query: Any) -> AsyncIterator[list[str]]:
        """The ids of each page of a list."""
        while True:
            page = await reader.get(path, **query)
            yield [item["id"] for item in page["items"]]
            if page["next"] is None:
                return
            query["cursor"] = page["next"]

    async def feed(self, reader: Person, *, sort: str, limit: int) -> AsyncIterator[list[str]]:
        path = f"/forums/{self.slug}/posts"
        async for page in self.pages(reader, path=path, sort=sort, limit=limit):
            yield page

    async def talk(self, reader: Person, *, limit: int) -> AsyncIterator[list[str]]:
        path = f"/posts/{self.posts[0]}/comments"
        async for page in self.pages(reader, path=path, sort="best", limit=limit):
            yield page

    def pass_time(self) -> None:
        """As if the ranks had moved a minute before: a walk that begins now reads what they have
        become. While nobody walks.
        """
        for ranks in ("post_ranks", "comment_ranks"):
            self.system.query(f"DELETE FROM {ranks} WHERE until < 'infinity'")
            self.system.query(f"UPDATE {ranks} SET since = since - interval '1 minute'")


async def vote(person: Person, kind: str, id: str, value: int) -> Document:
    """`kind`: posts or comments."""
    answer = await person.ask("PUT", f"/{kind}/{id}/vote", body={"value": value})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def vote_together(votes: Iterable[tuple[Person, str, str, int]]) -> list[Document]:
    """Some at a time; what each was answered."""
    turn = asyncio.Semaphore(AT_ONCE)

    async def one(person: Person, kind: str, id: str, value: int) -> Document:
        async with turn:
            return await vote(person, kind, id, value)

    return await asyncio.gather(*(one(*each) for each in votes))


async def walk_among_voters(
    pages: AsyncIterator[list[str]], order: Sequence[str], *, kind: str, voters: Sequence[Person]
) -> list[str]:
    """What a reader sees who, between one page and the next, has everybody vote against what was
    just read and for what comes next, and the other way round. `order`: as it was before.
    """
    seen: list[str] = []
    async for page in pages:
        seen += page
        around = [*order[len(seen) - 2 : len(seen)], *order[len(seen) : len(seen) + 2]]
        ways = zip(around, (1, -1, 1, -1), strict=False)
        await vote_together((who, kind, id, way) for id, way in ways for who in voters)
    return seen


def faults(seen: Sequence[str], there: Sequence[str]) -> dict[str, int]:
    """Of a walk over what was there from beginning to end."""
    return {
        "repeated": len(seen) - len(set(seen)),
        "skipped": len(set(there) - set(seen)),
        "unknown": len(set(seen) - set(there)),
    }


def _made(system: LocalSystem, statement: str) -> list[str]:
    return [str(id) for (id, *_) in system.query(statement)]


def _settle(system: LocalSystem, posts: Sequence[str], comments: Sequence[str]) -> None:
    """Their votes, and ranks that have been so for long."""
    for table, key, ids in (("post_counts", "post_id", posts), ("comments", "id", comments)):
        votes = ",".join(f"('{id}'::uuid, {20 + n})" for n, id in enumerate(ids))
        system.query(
            f"UPDATE {table} c SET ups = v.up, downs = 20, score = v.up - 20"
            f" FROM (VALUES {votes}) AS v (id, up) WHERE c.{key} = v.id"
        )
    system.query("""
        UPDATE post_ranks r SET score = c.score, hot = hot_rank(c.score, r.created_at),
            controversial = controversial_rank(c.ups, c.downs)
        FROM post_counts c WHERE c.post_id = r.post_id AND c.downs = 20
    """)
    system.query("""
        UPDATE comment_ranks r SET best = best_rank(c.ups, c.downs)
        FROM comments c WHERE c.id = r.comment_id AND c.downs = 20
    """)


def _posts(*, forum: str, author: str, many: int) -> str:
    return f"""
        WITH made AS MATERIALIZED (
            SELECT n, gen_random_uuid() AS id FROM generate_series(1, {many}) AS n
        ), written AS MATERIALIZED (
            SELECT n, id, write_post(id, '{forum}', '{author}', 'text', 'Post ' || n, 'Words.',
                '<p>Words.</p>', NULL, '{{}}', NULL, NULL, NULL, false, now()) FROM made
        )
        SELECT id, n FROM written ORDER BY n
    """


def _comments(*, post: str, author: str, many: int) -> str:
    return f"""
        WITH made AS MATERIALIZED (
            SELECT n, gen_random_uuid() AS id FROM generate_series(1, {many}) AS n
        ), written AS MATERIALIZED (
            SELECT n, id, write_comment(id, '{post}', NULL, '{author}', 'Words.', '<p>Words.</p>',
                false, now()) FROM made
        )
        SELECT id, n FROM written ORDER BY n
    """
