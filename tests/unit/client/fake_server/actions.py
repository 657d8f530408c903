"""What users do, over HTTP and over the socket alike."""

from __future__ import annotations

import uuid

from tests.unit.client.fake_server.event_log import EventLog
from tests.unit.client.fake_server.state import (
    Faults,
    JsonObject,
    Refusal,
    ServerState,
    utc_now,
)

MAX_CHARACTERS = 4_000


class Actions:
    def __init__(self, state: ServerState, *, faults: Faults, log: EventLog) -> None:
        self._state = state
        self._faults = faults
        self._log = log

    def send(self, user_id: str, draft: JsonObject) -> JsonObject:
        if len(draft["content"]) > MAX_CHARACTERS:
            raise Refusal(422, "content_too_long")
        if self._faults.limited_sends > 0:
            self._faults.limited_sends -= 1
            raise Refusal(429, "rate_limited", retry_after_ms=20)
        key = (user_id, draft.get("nonce") or str(uuid.uuid4()))
        if key in self._state.nonces:
            self._log.counts["replayed"] += 1
        else:
            self._state.nonces[key] = self._create(user_id, draft)
            self._state.marked_unread.discard((user_id, draft["conversation_id"]))
        return self._state.message(self._state.nonces[key]["id"], reader=user_id)

    def _create(self, user_id: str, draft: JsonObject) -> JsonObject:
        stream = f"conv:{draft['conversation_id']}"
        message = {
            "id": str(uuid.uuid4()),
            "seq": len(self._state.streams[stream]) + 1,
            "author_id": user_id,
            "created_at": utc_now(),
            "reply_to": draft.get("reply_to"),
            "conversation_id": draft["conversation_id"],
            "content": draft["content"],
            "version": 1,
            "reply_count": 0,
        }
        self._state.messages[message["id"]] = message
        parent = self._state.messages.get(message["reply_to"] or "")
        if parent is None:
            self._record("message.created", message["id"])
        else:
            parent["reply_count"] += 1
            count = {"id": parent["id"], "reply_count": parent["reply_count"]}
            self._record("message.created", message["id"], parent=count)
        return message

    def edit(self, user_id: str, data: JsonObject) -> JsonObject:
        message = self._own_message(user_id, data["message_id"])
        if message["content"] != data["content"]:
            if message["version"] != data["version"]:
                raise Refusal(409, "stale_version")
            message |= {"content": data["content"], "edited_at": utc_now()}
            message["version"] += 1
            self._record("message.updated", message["id"])
        return self._state.message(message["id"], reader=user_id)

    def delete(self, user_id: str, message_id: str) -> JsonObject:
        message = self._own_message(user_id, message_id)
        if not message.get("deleted_at"):
            conversation_id = message["conversation_id"]
            was_last = self._state.last_message(conversation_id)
            message |= {"content": "", "deleted_at": utc_now()}
            last = {"last_message": self._state.last_message(conversation_id)}
            is_last = was_last is not None and was_last["id"] == message_id
            self._record("message.deleted", message_id, **(last if is_last else {}))
        return self._state.message(message_id, reader=user_id)

    def react(self, user_id: str, data: JsonObject) -> JsonObject:
        message, reaction = self._state.message(data["message_id"]), (user_id, data["emoji"])
        reactions = self._state.reactions[message["id"]]
        if (reaction in reactions) != data["added"]:
            (reactions.add if data["added"] else reactions.discard)(reaction)
            change = {"user_id": user_id, "emoji": data["emoji"], "added": data["added"]}
            counts = self._state.message(message["id"])["reactions"]
            payload = {"message_id": message["id"], "reactions": counts, "changes": [change]}
            self._log.record(f"conv:{message['conversation_id']}", "message.reacted", payload)
        answer = self._state.message(message["id"], reader=user_id)
        return {
            "message_id": message["id"],
            "reactions": answer["reactions"],
            "my_reactions": answer["my_reactions"],
        }

    def mark_read(self, user_id: str, conversation_id: str, *, seq: int) -> JsonObject:
        self._log.counts["read"] += 1
        key = (user_id, conversation_id)
        before, _ = self._state.read_marker(*key)
        self._state.read[key] = max(seq, self._state.read.get(key, 0))
        last, _ = self._state.read_marker(*key)
        was_marked = key in self._state.marked_unread
        self._state.marked_unread.discard(key)
        marker = self._read_state(key)
        if last > before or was_marked:
            self._log.record(f"user:{user_id}", "conversation.read", marker)
        return marker

    def mark_unread(self, user_id: str, conversation_id: str) -> JsonObject:
        self._state.marked_unread.add((user_id, conversation_id))
        marker = self._read_state((user_id, conversation_id))
        self._log.record(f"user:{user_id}", "conversation.unread", marker)
        return marker

    def _read_state(self, key: tuple[str, str]) -> JsonObject:
        last, unread = self._state.read_marker(*key)
        return {
            "conversation_id": key[1],
            "head": len(self._state.streams[f"conv:{key[1]}"]),
            "last_read_seq": last,
            "unread_count": unread,
            "marked_unread": key in self._state.marked_unread,
        }

    def remove_member(self, conversation_id: str, username: str) -> None:
        user = self._state.user_by_name(username)
        conversation = self._state.conversations[conversation_id]
        conversation["members"] = [m for m in conversation["members"] if m["id"] != user["id"]]
        self._log.record(f"conv:{conversation_id}", "member.removed", {"user_id": user["id"]})
        left = {"conversation_id": conversation_id}
        self._log.record(f"user:{user['id']}", "conversation.left", left)

    def add_member(self, conversation_id: str, username: str) -> None:
        user = self._state.user_by_name(username)
        conversation = self._state.conversations[conversation_id]
        conversation["members"] = [*conversation["members"], user]
        self._log.record(f"conv:{conversation_id}", "member.added", {"member": user})
        joined = conversation | {"head": len(self._state.streams[f"conv:{conversation_id}"])}
        self._log.record(f"user:{user['id']}", "conversation.joined", {"conversation": joined})

    def _own_message(self, user_id: str, message_id: str) -> JsonObject:
        message = self._state.messages.get(message_id)
        if message is None:
            raise Refusal(404, "message_not_found")
        if message["author_id"] != user_id:
            raise Refusal(403, "not_allowed")
        return message

    def _record(self, event: str, message_id: str, **more: JsonObject | None) -> None:
        message = self._state.message(message_id)
        stream = f"conv:{message['conversation_id']}"
        self._log.record(stream, event, {"message": message, **more})
