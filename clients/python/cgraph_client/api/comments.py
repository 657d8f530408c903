"""Comments, as a tree and one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cgraph_client.api.resource import Resource, without_none
from cgraph_client.models.posts import Comment, CommentLevel, VoteTotals


class Comments(Resource):
    async def list(
        self,
        post_id: str,
        *,
        parent: str | None = None,
        sort: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> CommentLevel:
        """Returns replies to a post, or to the comment `parent`, with some levels below them.
        `sort`: `best`, `new` or `old`. A level that is cut goes on with its `next` as `cursor`."""
        return await self._client.get(
            CommentLevel.from_json,
            f"/posts/{post_id}/comments",
            parent=parent,
            sort=sort,
            limit=limit,
            cursor=cursor,
        )

    async def create(
        self,
        post_id: str,
        body: str,
        *,
        parent_id: str | None = None,
        attachments: Sequence[str | Mapping[str, Any]] = (),
        nonce: str | None = None,
    ) -> Comment:
        """Comments on a post, or replies to the comment `parent_id`. `attachments`: ids of uploads
        that are ready, or objects with `id`, `alt` and `spoiler`; with some, the body may be
        empty."""
        files = list(attachments) or None
        draft = {"body": body}
        draft |= without_none(parent_id=parent_id, attachments=files, nonce=nonce)
        path = f"/posts/{post_id}/comments"
        return await self._client.call(Comment.from_json, "POST", path, body=draft)

    async def show(self, comment_id: str) -> Comment:
        """Returns a comment with its ancestors."""
        return await self._client.get(Comment.from_json, _path(comment_id))

    async def edit(
        self,
        comment_id: str,
        body: str | None = None,
        *,
        version: int,
        attachments: Sequence[Mapping[str, Any]] | None = None,
    ) -> Comment:
        """Changes what is not None. `version`: the version that the caller has seen. Raises
        Conflict where there is a newer one. `attachments`: other alt texts and spoilers of some."""
        files = None if attachments is None else list(attachments)
        edit = {"version": version, **without_none(body=body, attachments=files)}
        return await self._client.call(Comment.from_json, "PATCH", _path(comment_id), body=edit)

    async def delete(self, comment_id: str) -> Comment:
        """Deletes a comment and returns it as it now is, without its text."""
        return await self._client.call(Comment.from_json, "DELETE", _path(comment_id))

    async def vote(self, comment_id: str, value: int) -> VoteTotals:
        """`value`: 1, -1, or 0 to withdraw the vote."""
        path = f"{_path(comment_id)}/vote"
        return await self._client.call(VoteTotals.from_json, "PUT", path, body={"value": value})


def _path(comment_id: str) -> str:
    return f"/comments/{comment_id}"
