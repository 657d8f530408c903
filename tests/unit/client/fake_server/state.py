"""The state of the fake server, its faults and its refusals."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

JsonObject = dict[str, Any]


@dataclass
class Faults:
    """`duplicated`, `reordered`, `dropped`: shares of the pushes, from 0 to 1. `lost_replies` and
    `limited_sends`: how many of the next sends get no answer, or 429."""

    duplicated: float = 0.0
    reordered: float = 0.0
    dropped: float = 0.0
    lost_replies: int = 0
    limited_sends: int = 0
    snapshot_above: int = 1_000  # missing events
    sync_limit: int = 1_000
    heartbeat_ms: int = 30_000
    heads_in_hello: int = 400
    socket_seconds: float = 7_200
    storm_jitter_ms: int = 0
    lease_ms: int = 600_000
    partial_above: int = 1 << 30  # bytes of an event
    access_token_seconds: float = 3_600
    silent_sockets: bool = False  # they take frames and send nothing
    refused_sockets: bool = False  # HTTP works
    unknown_sockets: bool = False  # a ping is refused with 401


class Refusal(Exception):
    def __init__(self, status: int, code: str, **more: Any) -> None:
        super().__init__(code)
        self.status = status
        self.problem = {"status": status, "code": code, "title": code, "message": code, **more}


@dataclass
class ServerState:
    """Everything that survives a restart. `messages`: by id, as they are now. `read`: the last read
    number by user and conversation."""

    users: dict[str, JsonObject] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)
    access_tokens: dict[str, tuple[str, float]] = field(default_factory=dict)
    refresh_tokens: dict[str, str] = field(default_factory=dict)
    device_tokens: list[str | None] = field(default_factory=list)
    tickets: dict[str, str] = field(default_factory=dict)
    conversations: dict[str, JsonObject] = field(default_factory=dict)
    streams: dict[str, list[JsonObject]] = field(default_factory=lambda: defaultdict(list))
    nonces: dict[tuple[str, str], JsonObject] = field(default_factory=dict)
    messages: dict[str, JsonObject] = field(default_factory=dict)
    reactions: dict[str, set[tuple[str, str]]] = field(default_factory=lambda: defaultdict(set))
    read: dict[tuple[str, str], int] = field(default_factory=dict)
    marked_unread: set[tuple[str, str]] = field(default_factory=set)

    def history(self, conversation_id: str, *, reader: str | None = None) -> list[JsonObject]:
        """Returns all messages of a conversation, oldest first."""
        events = self.streams[f"conv:{conversation_id}"]
        ids = [e["data"]["message"]["id"] for e in events if e["event"] == "message.created"]
        return [self.message(id, reader=reader) for id in ids]

    def message(self, message_id: str, *, reader: str | None = None) -> JsonObject:
        """With a reader it has their reactions."""
        if message_id not in self.messages:
            raise Refusal(404, "message_not_found")
        message = dict(self.messages[message_id])
        reactions = set() if message.get("deleted_at") else self.reactions[message_id]
        message["reactions"] = dict(Counter(emoji for _, emoji in reactions))
        parent = self.messages.get(message["reply_to"] or "")
        if parent is not None and not message.get("deleted_at"):
            message["quoted"] = {key: parent[key] for key in ("id", "seq", "author_id")}
            message["quoted"]["content"] = parent["content"][:200]
            message["quoted"]["deleted"] = bool(parent.get("deleted_at"))
        if reader is not None:
            message["my_reactions"] = [emoji for user_id, emoji in reactions if user_id == reader]
        return message

    def conversation(self, conversation_id: str, *, reader: str) -> JsonObject:
        """Returns the conversation as this member sees it."""
        conversation = self.conversations[conversation_id]
        last_read, unread = self.read_marker(reader, conversation_id)
        history = self.history(conversation_id)
        last = self.last_message(conversation_id, reader=reader)
        return {
            **conversation,
            "active_at": history[-1]["created_at"] if history else conversation["created_at"],
            "head": len(self.streams[f"conv:{conversation_id}"]),
            "last_message": last,
            "member_count": len(conversation["members"]),
            "last_read_seq": last_read,
            "unread_count": unread,
            "marked_unread": (reader, conversation_id) in self.marked_unread,
        }

    def last_message(self, conversation_id: str, *, reader: str | None = None) -> JsonObject | None:
        """Returns the last message that is not deleted."""
        history = reversed(self.history(conversation_id, reader=reader))
        return next((m for m in history if not m.get("deleted_at")), None)

    def read_marker(self, user_id: str, conversation_id: str) -> tuple[int, int]:
        """Returns the last read number and the count of unread messages."""
        messages = [self.messages[m["id"]] for m in self.history(conversation_id)]
        own = [m["seq"] for m in messages if m["author_id"] == user_id]
        last = max([*own, self.read.get((user_id, conversation_id), 0)])
        return last, sum(m["seq"] > last and not m.get("deleted_at") for m in messages)

    def has_access(self, user_id: str, stream: str) -> bool:
        kind, _, id = stream.partition(":")
        if kind == "user":
            return id == user_id
        return any(m["id"] == user_id for m in self.conversations[id]["members"])

    def heads(self, user_id: str) -> dict[str, int]:
        streams = [f"user:{user_id}", *(f"conv:{id}" for id in self.conversations)]
        return {s: len(self.streams[s]) for s in streams if self.has_access(user_id, s)}

    def user_by_name(self, username: str) -> JsonObject:
        for user in self.users.values():
            if user["username"] == username:
                return user
        raise Refusal(404, "not_found")


def utc_now(*, plus: float = 0) -> str:
    return (
        (datetime.now(UTC) + timedelta(seconds=plus))
        .isoformat(timespec="milliseconds")
        .replace("+00:00", "Z")
    )
