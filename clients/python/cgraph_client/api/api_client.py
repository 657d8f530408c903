"""The whole HTTP API."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from types import TracebackType
from typing import Self

from cgraph_client.api.account_access import AccountAccess
from cgraph_client.api.accounts import Accounts
from cgraph_client.api.comments import Comments
from cgraph_client.api.conversations import Conversations
from cgraph_client.api.forums import Forums
from cgraph_client.api.messages import Messages
from cgraph_client.api.moderation import Moderation
from cgraph_client.api.notifications import Notifications
from cgraph_client.api.posts import Posts
from cgraph_client.api.search import Search
from cgraph_client.api.uploads import Uploads
from cgraph_client.core.parsing import parse
from cgraph_client.models.credentials import Ticket
from cgraph_client.models.limits import Limits
from cgraph_client.models.sync import SyncResult


class ApiClient(Accounts, AccountAccess, Conversations, Messages):
    """The HTTP API of a CGraph server for one user. A method sends one request and raises
    `ApiError` where the server refuses it, `Unreachable` where no answer comes."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    @cached_property
    def forums(self) -> Forums:
        return Forums(self)

    @cached_property
    def posts(self) -> Posts:
        return Posts(self)

    @cached_property
    def comments(self) -> Comments:
        return Comments(self)

    @cached_property
    def search(self) -> Search:
        return Search(self)

    @cached_property
    def notifications(self) -> Notifications:
        return Notifications(self)

    @cached_property
    def uploads(self) -> Uploads:
        return Uploads(self)

    @cached_property
    def moderation(self) -> Moderation:
        return Moderation(self)

    async def limits(self) -> Limits:
        """Returns what the server limits: rates, sizes and numbers."""
        return await self.get(Limits.from_json, "/limits")

    async def ticket(self) -> Ticket:
        """Returns a ticket that opens one WebSocket."""
        return parse(Ticket.from_json, await self.request("POST", "/realtime/ticket"))

    async def sync(self, cursors: Mapping[str, int], *, limit: int = 1_000) -> SyncResult:
        """Returns the events of these streams after these numbers, at most `limit` in all."""
        body = {"cursors": dict(cursors), "limit": limit}
        return parse(SyncResult.from_json, await self.request("POST", "/sync", body=body))
