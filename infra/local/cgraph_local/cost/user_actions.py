"""The things people do, each as something to repeat."""

from collections.abc import Awaitable, Callable
from itertools import count
from uuid import uuid4

from cgraph_local.cost.virtual_users import Voice

TEXT = "Shall we meet at the fountain at six, or is that too early for you? Bring a coat."

Did = Callable[[], Awaitable[int]]
"""Does it once and says how many bytes came back."""


class Scene:
    """A pair, a group of all, and a direct conversation with each."""

    def __init__(self, people: list[Voice], *, pair: str, crowd: str) -> None:
        self.people = people
        self._pair = pair
        self._crowd = f"/conversations/{crowd}"
        self._crowd_id = crowd
        self._seqs = count(1)

    @classmethod
    async def set_up(cls, people: list[Voice]) -> "Scene":
        first, *others = people
        pair = await first.start(others[0])
        crowd = await first.start(*others)
        for other in others:
            await first.start(other, kind="direct")
        return cls(people, pair=pair, crowd=crowd)

    def actions(self) -> dict[str, Did]:
        """In the order in which they are done: those that write come first."""
        crowd = f"conv:{self._crowd_id}"
        return {
            "send_to_2": lambda: self._send(self._pair),
            "send_to_10": lambda: self._send(self._crowd_id),
            "ping": lambda: self.people[0].frame("ping", {"streams": [crowd]}),
            "mark_read": self._mark_read,
            "show_me": lambda: self._get("/me"),
            "show_user": lambda: self._get(f"/users/{self.people[1].username}"),
            "list_conversations": lambda: self._get("/conversations"),
            "show_conversation": lambda: self._get(self._crowd),
            "list_messages": lambda: self._get(f"{self._crowd}/messages"),
            "sync": lambda: self._sync(crowd),
            "open_socket": self._open_socket,
            "refresh": self._refresh,
            "log_in": self._log_in,
        }

    async def _get(self, path: str) -> int:
        return len((await self.people[0].ask("GET", path)).content)

    async def _send(self, conversation: str) -> int:
        data = {"conversation_id": conversation, "content": TEXT, "nonce": uuid4().hex}
        return await self.people[0].frame("send", data)

    async def _mark_read(self) -> int:
        """By somebody who wrote nothing: whoever writes has read."""
        body = {"seq": next(self._seqs)}
        return len((await self.people[2].ask("PUT", f"{self._crowd}/read", body)).content)

    async def _sync(self, stream: str) -> int:
        body = {"cursors": {stream: 280}}
        return len((await self.people[0].ask("POST", "/sync", body)).content)

    async def _open_socket(self) -> int:
        await self.people[1].leave()
        await self.people[1].listen()
        return 0

    async def _refresh(self) -> int:
        return len((await self.people[0].refresh()).content)

    async def _log_in(self) -> int:
        return len((await self.people[0].log_in()).content)
