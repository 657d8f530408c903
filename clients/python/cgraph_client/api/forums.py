"""Forums, their members, and the requests to become one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cgraph_client.api.resource import Resource, without_none
from cgraph_client.models.forums import (
    AuditEntry,
    Emoji,
    Forum,
    ForumFilters,
    ForumMember,
    MembershipRequest,
)
from cgraph_client.models.page import Page


class Forums(Resource):
    async def list(
        self,
        *,
        q: str | None = None,
        sort: str | None = None,
        mine: bool | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Page[Forum]:
        """Lists public and restricted forums, and the private ones of the caller. `q`: words of the
        name. `sort`: `activity` or `name`. `mine`: only those that the caller is a member of."""
        is_mine = None if mine is None else str(mine).lower()
        return await self._client.get_page(
            Forum.from_json, "/forums", q=q, sort=sort, mine=is_mine, limit=limit, cursor=cursor
        )

    async def create(
        self, slug: str, *, name: str, nonce: str | None = None, **settings: Any
    ) -> Forum:
        """`settings`: other fields of a Forum, such as `description`, `visibility` or `tags`."""
        body = {"slug": slug, "name": name, **without_none(nonce=nonce), **settings}
        return await self._client.call(Forum.from_json, "POST", "/forums", body=body)

    async def show(self, slug: str) -> Forum:
        return await self._client.get(Forum.from_json, _path(slug))

    async def change(self, slug: str, **settings: Any) -> Forum:
        """`settings`: the fields to change, such as `name`, `rules` or `slow_mode_seconds`. `icon`
        and `banner` are ids of uploads with this purpose; None removes them."""
        return await self._client.call(Forum.from_json, "PATCH", _path(slug), body=settings)

    async def join(self, slug: str) -> Forum:
        """Makes the caller a member of a public forum."""
        return await self._client.call(Forum.from_json, "PUT", f"{_path(slug)}/membership")

    async def leave(self, slug: str) -> None:
        await self._client.request("DELETE", f"{_path(slug)}/membership")

    # members

    async def members(
        self,
        slug: str,
        *,
        moderating: bool | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Page[ForumMember]:
        """`moderating`: only the owner and the moderators."""
        return await self._client.get_page(
            ForumMember.from_json,
            f"{_path(slug)}/members",
            moderating=None if moderating is None else str(moderating).lower(),
            limit=limit,
            cursor=cursor,
        )

    async def add_member(self, slug: str, user_id: str) -> ForumMember:
        path = f"{_path(slug)}/members/{user_id}"
        return await self._client.call(ForumMember.from_json, "PUT", path)

    async def remove_member(self, slug: str, user_id: str) -> None:
        await self._client.request("DELETE", f"{_path(slug)}/members/{user_id}")

    async def appoint(self, slug: str, user_id: str, *, role: str = "moderator") -> ForumMember:
        """With the role `owner` the forum is transferred, and the caller becomes a moderator."""
        path = f"{_path(slug)}/moderators/{user_id}"
        return await self._client.call(ForumMember.from_json, "PUT", path, body={"role": role})

    async def dismiss(self, slug: str, user_id: str) -> None:
        """Makes a moderator a member."""
        await self._client.request("DELETE", f"{_path(slug)}/moderators/{user_id}")

    # requests to become a member

    async def request_membership(self, slug: str, *, message: str = "") -> MembershipRequest:
        """Asks to become a member of a restricted or private forum that accepts requests."""
        path, body = f"{_path(slug)}/membership/request", {"message": message}
        return await self._client.call(MembershipRequest.from_json, "PUT", path, body=body)

    async def withdraw_membership_request(self, slug: str) -> None:
        await self._client.request("DELETE", f"{_path(slug)}/membership/request")

    async def membership_requests(
        self, slug: str, *, limit: int | None = None, cursor: str | None = None
    ) -> Page[MembershipRequest]:
        """Lists the open requests, oldest first, for moderators."""
        path = f"{_path(slug)}/requests"
        return await self._client.get_page(
            MembershipRequest.from_json, path, limit=limit, cursor=cursor
        )

    async def resolve_membership_request(
        self, slug: str, user_id: str, decision: str, *, note: str = ""
    ) -> MembershipRequest:
        """`decision`: `accept` or `refuse`. `note`: for the user."""
        path, body = f"{_path(slug)}/requests/{user_id}/resolve", {"decision": decision}
        return await self._client.call(
            MembershipRequest.from_json, "POST", path, body={**body, "note": note}
        )

    # emoji

    async def emoji(self, slug: str) -> Page[Emoji]:
        """All emoji of a forum, in the order of their names."""
        return await self._client.get_page(Emoji.from_json, f"{_path(slug)}/emoji")

    async def put_emoji(self, slug: str, name: str, upload_id: str) -> Emoji:
        """`upload_id`: of an upload with the purpose `emoji`. Replaces one of the same name."""
        path, body = f"{_path(slug)}/emoji/{name}", {"upload": upload_id}
        return await self._client.call(Emoji.from_json, "PUT", path, body=body)

    async def remove_emoji(self, slug: str, name: str) -> None:
        await self._client.request("DELETE", f"{_path(slug)}/emoji/{name}")

    # filters and the audit log

    async def filters(self, slug: str) -> ForumFilters:
        return await self._client.get(ForumFilters.from_json, f"{_path(slug)}/filters")

    async def set_filters(
        self,
        slug: str,
        *,
        words: Sequence[str] = (),
        domains: Sequence[str] = (),
        action: str = "reject",
    ) -> ForumFilters:
        """Replaces the filters. `action`: see ForumFilters."""
        body = {"words": list(words), "domains": list(domains), "action": action}
        path = f"{_path(slug)}/filters"
        return await self._client.call(ForumFilters.from_json, "PUT", path, body=body)

    async def audit_log(
        self, slug: str, *, limit: int | None = None, cursor: str | None = None
    ) -> Page[AuditEntry]:
        """Lists what moderators did, newest first."""
        path = f"{_path(slug)}/audit"
        return await self._client.get_page(AuditEntry.from_json, path, limit=limit, cursor=cursor)


def _path(slug: str) -> str:
    return f"/forums/{slug}"
