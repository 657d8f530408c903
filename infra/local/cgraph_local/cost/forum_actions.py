"""The actions of users in a forum that are measured."""

from collections.abc import Awaitable, Callable
from itertools import count
from typing import Self
from uuid import uuid4

from cgraph_local.cost.virtual_users import VirtualUser

POSTS = 30
COMMENTS = 60
BODY = "Bring the water to 94 degrees, **grind finer** than you think, and stir twice. " * 4


class ForumActions:
    """`slug`, `post`: a public forum with some posts, and one of them with comments."""

    def __init__(self, *, slug: str, post: str, author: VirtualUser, visitor: VirtualUser) -> None:
        self._slug = slug
        self._post = post
        self._author = author
        self._visitor = visitor
        self._numbers = count()

    @classmethod
    async def set_up(cls, *, author: VirtualUser, visitor: VirtualUser) -> Self:
        slug = f"cost-{uuid4().hex[:8]}"
        await author.request("POST", "/forums", {"slug": slug, "name": "Coffee"})
        await visitor.request("PUT", f"/forums/{slug}/membership")
        draft = {"title": "How do you brew?", "body": BODY}
        posts = [await author.request("POST", f"/forums/{slug}/posts", draft) for _ in range(POSTS)]
        post = str(posts[-1].json()["id"])
        for _ in range(COMMENTS):
            await author.request("POST", f"/posts/{post}/comments", {"body": BODY})
        return cls(slug=slug, post=post, author=author, visitor=visitor)

    def calls(self) -> dict[str, Callable[[], Awaitable[int]]]:
        """By name. Reading comes first: writing makes the lists longer."""
        path = f"/posts/{self._post}"
        draft = {"title": "How do you brew?", "body": BODY}
        return {
            "list_posts": lambda: self._request("GET", f"/forums/{self._slug}/posts"),
            "show_post": lambda: self._request("GET", path),
            "list_comments": lambda: self._request("GET", f"{path}/comments"),
            "vote_on_post": self._vote,
            "create_comment": lambda: self._request("POST", f"{path}/comments", {"body": BODY}),
            "create_post": lambda: self._request("POST", f"/forums/{self._slug}/posts", draft),
        }

    async def _vote(self) -> int:
        """Each vote changes the one before it."""
        value = {"value": 1 if next(self._numbers) % 2 else -1}
        return await self._request("PUT", f"/posts/{self._post}/vote", value)

    async def _request(self, method: str, path: str, body: object = None) -> int:
        return len((await self._visitor.request(method, path, body)).content)
