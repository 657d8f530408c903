"""One person's way to a CGraph server."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Self

from cgraph_client.api.accounts import Accounts
from cgraph_client.api.conversations import Conversations
from cgraph_client.api.messages import Messages
from cgraph_client.backoff import Backoff
from cgraph_client.changes import CatchUp
from cgraph_client.credentials import Ticket
from cgraph_client.reading import read

if TYPE_CHECKING:
    from cgraph_client.lifeline import State
    from cgraph_client.subscription import Subscription


class Client(Accounts, Conversations, Messages):
    """Methods ask once and raise: `ApiError` when refused, `Unreachable` when no answer came. What
    must arrive is sent through an `Outbox`.
    """

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        await self._sessions.close()
        await self._http.aclose()

    async def ticket(self) -> Ticket:
        return read(Ticket.read, await self.ask("POST", "/realtime/ticket"))

    async def sync(self, cursors: Mapping[str, int], *, limit: int = 1_000) -> CatchUp:
        """What happened in these streams after these numbers."""
        body = {"cursors": dict(cursors), "limit": limit}
        return read(CatchUp.read, await self.ask("POST", "/sync", body=body))

    def subscribe(
        self,
        cursors: Mapping[str, int] | None = None,
        *,
        on_state: Callable[[State], None] | None = None,
        heartbeat: float | None = None,
        backoff: Backoff | None = None,
    ) -> Subscription:
        """Everything that happens from now on, or after the cursors of an earlier subscription.

        A push that is lost is noticed at the next heartbeat, in seconds; by default the server's.
        """
        from cgraph_client.subscription import Subscription

        return Subscription(
            self, cursors=cursors, on_state=on_state, heartbeat=heartbeat, backoff=backoff
        )
