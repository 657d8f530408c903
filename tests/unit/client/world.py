"""What the small server knows and what it does wrong."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

Document = dict[str, Any]


@dataclass
class Faults:
    """Shares of 1 of what goes wrong; `replies_lost` counts down."""

    duplicated: float = 0.0
    reordered: float = 0.0
    dropped: float = 0.0
    replies_lost: int = 0
    snapshot_above: int = 1_000
    page: int = 1_000
    heartbeat_ms: int = 30_000
    heads_in_hello: int = 400
    life_seconds: float = 7_200
    storm_jitter_ms: int = 0
    lease_ms: int = 600_000
    partial_above: int = 1 << 30  # bytes of an event
    access_seconds: float = 3_600
    limited: int = 0  # how many sends are refused with 429 first
    mute: bool = False  # takes frames and says nothing
    no_sockets: bool = False  # none opens; HTTP answers as ever


class Refused(Exception):
    def __init__(self, status: int, code: str, **more: Any) -> None:
        super().__init__(code)
        self.status = status
        self.problem = {"status": status, "code": code, "title": code, "message": code, **more}


@dataclass
class World:
    """What survives a restart."""

    users: dict[str, Document] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)
    access: dict[str, tuple[str, float]] = field(default_factory=dict)
    refresh: dict[str, str] = field(default_factory=dict)
    tickets: dict[str, str] = field(default_factory=dict)
    conversations: dict[str, Document] = field(default_factory=dict)
    streams: dict[str, list[Document]] = field(default_factory=lambda: defaultdict(list))
    nonces: dict[tuple[str, str], Document] = field(default_factory=dict)
    written: dict[str, Document] = field(default_factory=dict)  # messages as they are now
    reactions: dict[str, set[tuple[str, str]]] = field(default_factory=lambda: defaultdict(set))
    read: dict[tuple[str, str], int] = field(default_factory=dict)

    def messages(self, conversation_id: str, *, reader: str | None = None) -> list[Document]:
        events = self.streams[f"conv:{conversation_id}"]
        ids = [e["data"]["message"]["id"] for e in events if e["event"] == "message.created"]
        return [self.message(id, reader=reader) for id in ids]

    def message(self, message_id: str, *, reader: str | None = None) -> Document:
        if message_id not in self.written:
            raise Refused(404, "message_not_found")
        message = dict(self.written[message_id])
        found = set() if message.get("deleted_at") else self.reactions[message_id]
        message["reactions"] = dict(Counter(emoji for _, emoji in found))
        parent = self.written.get(message["reply_to"] or "")
        if parent is not None and not message.get("deleted_at"):
            message["quoted"] = {"id": parent["id"], "author_id": parent["author_id"]}
            message["quoted"]["content"] = parent["content"][:200]
            message["quoted"]["deleted"] = bool(parent.get("deleted_at"))
        if reader is not None:
            message["my_reactions"] = [emoji for user_id, emoji in found if user_id == reader]
        return message

    def seen(self, user_id: str, conversation_id: str) -> tuple[int, int]:
        """The last number read, and how many messages are above it."""
        messages = [self.written[m["id"]] for m in self.messages(conversation_id)]
        mine = [m["seq"] for m in messages if m["author_id"] == user_id]
        last = max([*mine, self.read.get((user_id, conversation_id), 0)])
        return last, sum(m["seq"] > last for m in messages)

    def may_see(self, user_id: str, stream: str) -> bool:
        kind, _, place = stream.partition(":")
        if kind == "user":
            return place == user_id
        return any(m["id"] == user_id for m in self.conversations[place]["members"])

    def heads(self, user_id: str) -> dict[str, int]:
        own = [f"user:{user_id}", *(f"conv:{c}" for c in self.conversations)]
        return {s: len(self.streams[s]) for s in own if self.may_see(user_id, s)}

    def by_name(self, username: str) -> Document:
        for user in self.users.values():
            if user["username"] == username:
                return user
        raise Refused(404, "not_found")


def now(*, plus: float = 0) -> str:
    return (
        (datetime.now(UTC) + timedelta(seconds=plus))
        .isoformat(timespec="milliseconds")
        .replace("+00:00", "Z")
    )
