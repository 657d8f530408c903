"""The actions of users that are measured, each as a call that can be repeated."""

from collections.abc import Awaitable, Callable
from itertools import count
from uuid import uuid4

from cgraph_local.cost.forum_actions import ForumActions
from cgraph_local.cost.virtual_users import VirtualUser

CONTENT = "Shall we meet at the fountain at six, or is that too early for you? Bring a coat."

ActionCall = Callable[[], Awaitable[int]]
"""Performs the action once and returns the bytes of the response."""


class UserActions:
    """`pair`, `group`: ids of a group of two users and of a group of all."""

    def __init__(
        self, users: list[VirtualUser], *, pair: str, group: str, forum: ForumActions
    ) -> None:
        self.users = users
        self._pair = pair
        self._group = group
        self._forum = forum
        self._group_path = f"/conversations/{group}"
        self._seqs = count(1)

    @classmethod
    async def set_up(cls, users: list[VirtualUser]) -> "UserActions":
        """Creates the two groups, and a direct conversation of the first user with each other."""
        first, *others = users
        pair = await first.create_conversation(others[0])
        group = await first.create_conversation(*others)
        for other in others:
            await first.create_conversation(other, kind="direct")
        forum = await ForumActions.set_up(author=first, visitor=others[0])
        return cls(users, pair=pair, group=group, forum=forum)

    def calls(self) -> dict[str, ActionCall]:
        """By name, in the order in which they are measured: those that write come first."""
        stream = f"conv:{self._group}"
        return {
            "send_to_2": lambda: self._send(self._pair),
            "send_to_10": lambda: self._send(self._group),
            "ping": lambda: self.users[0].send_frame("ping", {"streams": [stream]}),
            "mark_read": self._mark_read,
            **self._forum.calls(),
            "show_me": lambda: self._get("/me"),
            "show_user": lambda: self._get(f"/users/{self.users[1].username}"),
            "list_conversations": lambda: self._get("/conversations"),
            "show_conversation": lambda: self._get(self._group_path),
            "list_messages": lambda: self._get(f"{self._group_path}/messages"),
            "sync": lambda: self._sync(stream),
            "open_socket": self._open_socket,
            "refresh": self._refresh,
            "log_in": self._log_in,
        }

    async def _get(self, path: str) -> int:
        return len((await self.users[0].request("GET", path)).content)

    async def _send(self, conversation: str) -> int:
        data = {"conversation_id": conversation, "content": CONTENT, "nonce": uuid4().hex}
        return await self.users[0].send_frame("send", data)

    async def _mark_read(self) -> int:
        """By a user who has sent no message: for a sender the messages are read already."""
        body = {"seq": next(self._seqs)}
        return len((await self.users[2].request("PUT", f"{self._group_path}/read", body)).content)

    async def _sync(self, stream: str) -> int:
        body = {"cursors": {stream: 280}}
        return len((await self.users[0].request("POST", "/sync", body)).content)

    async def _open_socket(self) -> int:
        await self.users[1].close_socket()
        await self.users[1].open_socket()
        return 0

    async def _refresh(self) -> int:
        return len((await self.users[0].refresh()).content)

    async def _log_in(self) -> int:
        return len((await self.users[0].log_in()).content)
