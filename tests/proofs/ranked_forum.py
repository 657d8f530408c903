"""A forum whose ranks change: many posts and comments, and people who vote while another reads."""

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
class RankedForum:
    """`posts`, `comments`: their ids; the comments are on the first post. Each has counts of votes
    without voters: 20 down, and one more up than the one before.
    """

    system: LocalSystem
    author: Person
    slug: str
    posts: Sequence[str]
    comments: Sequence[str]

    @classmethod
    async def create(
        cls, system: LocalSystem, author: Person, *, posts: int, comments: int
    ) -> Self:
        slug = f"ranked-{uuid4().hex[:8]}"
        body = {"slug": slug, "name": "Coffee"}
        forum = await author.request_json("POST", "/forums", body=body)
        post_ids = _ids(system, _posts(forum=forum["id"], author=author.id, number=posts))
        comment_ids = _ids(system, _comments(post=post_ids[0], author=author.id, number=comments))
        _set_votes(system, post_ids, comment_ids)
        return cls(system, author, slug, post_ids, comment_ids)

    async def pages(self, reader: Person, *, path: str, **query: Any) -> AsyncIterator[list[str]]:
        """The ids of each page of a list."""
        while True:
            page = await reader.get(path, **query)
            yield [item["id"] for item in page["items"]]
            if page["next"] is None:
                return
            query["cursor"] = page["next"]

    async def post_pages(
        self, reader: Person, *, sort: str, limit: int
    ) -> AsyncIterator[list[str]]:
        path = f"/forums/{self.slug}/posts"
        async for page in self.pages(reader, path=path, sort=sort, limit=limit):
            yield page

    async def comment_pages(self, reader: Person, *, limit: int) -> AsyncIterator[list[str]]:
        path = f"/posts/{self.posts[0]}/comments"
        async for page in self.pages(reader, path=path, sort="best", limit=limit):
            yield page

    def age_ranks(self) -> None:
        """As if the ranks had changed a minute before, so that a reader who begins now reads those.
        While nobody pages.
        """
        for ranks in ("post_ranks", "comment_ranks"):
            self.system.query(f"DELETE FROM {ranks} WHERE until < 'infinity'")
            self.system.query(f"UPDATE {ranks} SET since = since - interval '1 minute'")


async def vote(person: Person, kind: str, id: str, value: int) -> Document:
    """`kind`: posts or comments."""
    path = f"/{kind}/{id}/vote"
    return dict(await person.request_json("PUT", path, body={"value": value}))


async def vote_concurrently(votes: Iterable[tuple[Person, str, str, int]]) -> list[Document]:
    """AT_ONCE at a time; returns what each vote returned."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(person: Person, kind: str, id: str, value: int) -> Document:
        async with gate:
            return await vote(person, kind, id, value)

    return await asyncio.gather(*(one(*each) for each in votes))


async def page_while_voting(
    pages: AsyncIterator[list[str]], order: Sequence[str], *, kind: str, voters: Sequence[Person]
) -> list[str]:
    """The ids that a reader gets when, after each page, all voters exchange the ranks of the items
    at its end and of those that come next. `order`: as it was before.
    """
    read: list[str] = []
    async for page in pages:
        read += page
        around = [*order[len(read) - 2 : len(read)], *order[len(read) : len(read) + 2]]
        votes = zip(around, (1, -1, 1, -1), strict=False)
        await vote_concurrently((voter, kind, id, vote) for id, vote in votes for voter in voters)
    return read


def paging_faults(read: Sequence[str], existing: Sequence[str]) -> dict[str, int]:
    """`existing`: what was there from the first page to the last."""
    return {
        "repeated": len(read) - len(set(read)),
        "skipped": len(set(existing) - set(read)),
        "unknown": len(set(read) - set(existing)),
    }


def _ids(system: LocalSystem, statement: str) -> list[str]:
    return [str(id) for (id, *_) in system.query(statement)]


def _set_votes(system: LocalSystem, posts: Sequence[str], comments: Sequence[str]) -> None:
    """And the ranks that follow from them."""
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


def _posts(*, forum: str, author: str, number: int) -> str:
    return f"""
        WITH made AS MATERIALIZED (
            SELECT n, gen_random_uuid() AS id FROM generate_series(1, {number}) AS n
        ), written AS MATERIALIZED (
            SELECT n, id, write_post(id, '{forum}', '{author}', 'text', 'Post ' || n, 'Words.',
                '<p>Words.</p>', NULL, '{{}}', NULL, NULL, NULL, NULL, now()) FROM made
        )
        SELECT id, n FROM written ORDER BY n
    """


def _comments(*, post: str, author: str, number: int) -> str:
    return f"""
        WITH made AS MATERIALIZED (
            SELECT n, gen_random_uuid() AS id FROM generate_series(1, {number}) AS n
        ), written AS MATERIALIZED (
            SELECT n, id, write_comment(id, '{post}', NULL, '{author}', 'Words.', '<p>Words.</p>',
                NULL, now()) FROM made
        )
        SELECT id, n FROM written ORDER BY n
    """
