"""Posts, their versions, polls and votes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from cgraph_client.api.resource import Resource, without_none
from cgraph_client.models.page import Page
from cgraph_client.models.posts import Post, PostPage, PostVersion, VoteTotals


class Posts(Resource):
    async def list(
        self,
        slug: str,
        *,
        sort: str | None = None,
        time: str | None = None,
        tag: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> PostPage:
        """Lists the posts of a forum. `sort`: `hot`, `new`, `rising`, `top` or `controversial`.
        `time`: of `top`: `day`, `week`, `month` or `all`."""
        return await self._client.get(
            PostPage.from_json,
            f"/forums/{slug}/posts",
            sort=sort,
            time=time,
            tag=tag,
            limit=limit,
            cursor=cursor,
        )

    async def similar(self, slug: str, title: str, *, limit: int | None = None) -> Page[Post]:
        """Lists posts of a forum that are like a title, for somebody who is writing one. There is
        one page only."""
        path = f"/forums/{slug}/posts/similar"
        return await self._client.get_page(Post.from_json, path, title=title, limit=limit)

    async def create(
        self,
        slug: str,
        title: str,
        *,
        body: str = "",
        url: str | None = None,
        tags: Sequence[str] = (),
        attachments: Sequence[str | Mapping[str, Any]] = (),
        nonce: str | None = None,
    ) -> Post:
        """Writes a text, or with `url` a link. A request that is repeated with the same nonce
        returns the first post. `attachments`: ids of uploads that are ready, or objects with `id`,
        `alt` and `spoiler`."""
        draft = {"title": title, "body": body, "tags": list(tags)}
        draft |= without_none(url=url, kind="link" if url is not None else None, nonce=nonce)
        draft |= without_none(attachments=list(attachments) or None)
        return await self._client.call(Post.from_json, "POST", f"/forums/{slug}/posts", body=draft)

    async def create_poll(
        self,
        slug: str,
        title: str,
        options: Sequence[str],
        *,
        body: str = "",
        multiple: bool = False,
        closes_at: datetime | None = None,
        tags: Sequence[str] = (),
        nonce: str | None = None,
    ) -> Post:
        """`multiple`: a user may choose several options."""
        ends = None if closes_at is None else closes_at.isoformat()
        poll = {"options": list(options), "multiple": multiple, **without_none(closes_at=ends)}
        draft = {"title": title, "body": body, "tags": list(tags), "kind": "poll", "poll": poll}
        draft |= without_none(nonce=nonce)
        return await self._client.call(Post.from_json, "POST", f"/forums/{slug}/posts", body=draft)

    async def show(self, post_id: str) -> Post:
        return await self._client.get(Post.from_json, _path(post_id))

    async def edit(
        self,
        post_id: str,
        *,
        version: int,
        title: str | None = None,
        body: str | None = None,
        tags: Sequence[str] | None = None,
        attachments: Sequence[Mapping[str, Any]] | None = None,
    ) -> Post:
        """Changes what is not None. `version`: the version that the caller has seen. Raises
        Conflict where there is a newer one. `attachments`: other alt texts and spoilers of some."""
        edit = without_none(
            title=title,
            body=body,
            tags=None if tags is None else list(tags),
            attachments=None if attachments is None else list(attachments),
        )
        return await self._client.call(
            Post.from_json, "PATCH", _path(post_id), body={"version": version, **edit}
        )

    async def delete(self, post_id: str) -> Post:
        """Deletes a post and returns it as it now is, without its text."""
        return await self._client.call(Post.from_json, "DELETE", _path(post_id))

    async def vote(self, post_id: str, value: int) -> VoteTotals:
        """`value`: 1, -1, or 0 to withdraw the vote."""
        path = f"{_path(post_id)}/vote"
        return await self._client.call(VoteTotals.from_json, "PUT", path, body={"value": value})

    async def choose(self, post_id: str, choices: Sequence[int]) -> Post:
        """Replaces the caller's choices in a poll; none withdraws them."""
        path, body = f"{_path(post_id)}/poll", {"choices": list(choices)}
        return await self._client.call(Post.from_json, "PUT", path, body=body)

    async def accept(self, post_id: str, comment_id: str | None) -> Post:
        """Marks a comment as the accepted answer; None removes the mark."""
        path, body = f"{_path(post_id)}/accept", {"comment_id": comment_id}
        return await self._client.call(Post.from_json, "PUT", path, body=body)

    # versions

    async def versions(
        self, post_id: str, *, limit: int | None = None, cursor: str | None = None
    ) -> Page[PostVersion]:
        """Lists what a post contained before each edit, the last edit first."""
        path = f"{_path(post_id)}/versions"
        return await self._client.get_page(PostVersion.from_json, path, limit=limit, cursor=cursor)

    async def hide_version(self, post_id: str, version: int) -> PostVersion:
        """Hides an earlier version from all but its author and the moderators."""
        path = f"{_path(post_id)}/versions/{version}/hidden"
        return await self._client.call(PostVersion.from_json, "PUT", path)

    async def unhide_version(self, post_id: str, version: int) -> PostVersion:
        path = f"{_path(post_id)}/versions/{version}/hidden"
        return await self._client.call(PostVersion.from_json, "DELETE", path)

    # for moderators

    async def pin(self, post_id: str) -> Post:
        return await self._client.call(Post.from_json, "PUT", f"{_path(post_id)}/pin")

    async def unpin(self, post_id: str) -> Post:
        return await self._client.call(Post.from_json, "DELETE", f"{_path(post_id)}/pin")

    async def lock(self, post_id: str) -> Post:
        """From now on only moderators comment and edit."""
        return await self._client.call(Post.from_json, "PUT", f"{_path(post_id)}/lock")

    async def unlock(self, post_id: str) -> Post:
        return await self._client.call(Post.from_json, "DELETE", f"{_path(post_id)}/lock")

    async def move(self, post_id: str, slug: str) -> Post:
        """Moves a post to another forum, which the caller moderates too."""
        path = f"{_path(post_id)}/move"
        return await self._client.call(Post.from_json, "POST", path, body={"forum": slug})


def _path(post_id: str) -> str:
    return f"/posts/{post_id}"
