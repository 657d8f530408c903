"""Searching."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cgraph_client.api.resource import Resource
from cgraph_client.models.page import Page
from cgraph_client.models.search import SearchPage, Suggestion


class Search(Resource):
    async def find(
        self,
        q: str | None = None,
        *,
        types: Sequence[str] = (),
        place: str | None = None,
        author: str | None = None,
        has: Sequence[str] = (),
        before: datetime | None = None,
        after: datetime | None = None,
        tag: str | None = None,
        answered: bool | None = None,
        sort: str | None = None,
        facets: Sequence[str] = (),
        limit: int | None = None,
        cursor: str | None = None,
    ) -> SearchPage:
        """Searches what the caller may read. `q` may have filters too: `kettle from:ada in:tea`.

        `types`: of `message`, `post`, `comment`, `forum`, `user`. `place`: slug of a forum, or id
        of a conversation. `author`: a username, or `me`. `sort`: `relevance` or `newest`. `facets`:
        of `type`, `place`, `author`, `tag`."""
        query = {
            "q": q,
            "type": list(types) or None,
            "in": place,
            "from": author,
            "has": list(has) or None,
            "before": None if before is None else before.isoformat(),
            "after": None if after is None else after.isoformat(),
            "tag": tag,
            "answered": None if answered is None else str(answered).lower(),
            "sort": sort,
            "facets": list(facets) or None,
            "limit": limit,
            "cursor": cursor,
        }
        return await self._client.get(SearchPage.from_json, "/search", **query)

    async def suggestions(self, q: str, *, limit: int | None = None) -> Page[Suggestion]:
        """Lists forums, users and posts whose title has words that begin as `q` does. There is one
        page only."""
        return await self._client.get_page(
            Suggestion.from_json, "/search/suggestions", q=q, limit=limit
        )
