"""What people do on the small server, by HTTP and over the socket alike."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from tests.unit.client.world import Document, Refused, now

if TYPE_CHECKING:
    from tests.unit.client.small_server import SmallServer


class Deeds:
    def __init__(self, server: SmallServer) -> None:
        self.server = server
        self.world = server.world

    def write(self, user_id: str, draft: Document) -> Document:
        if len(draft["content"]) > 4_000:
            raise Refused(422, "content_too_long")
        if self.server.faults.limited > 0:
            self.server.faults.limited -= 1
            raise Refused(429, "rate_limited", retry_after_ms=20)
        key = (user_id, draft.get("nonce") or str(uuid.uuid4()))
        if key in self.world.nonces:
            self.server.counts["replayed"] += 1
        else:
            self.world.nonces[key] = self._written(user_id, draft)
        return self.world.message(self.world.nonces[key]["id"], reader=user_id)

    def _written(self, user_id: str, draft: Document) -> Document:
        stream = f"conv:{draft['conversation_id']}"
        message = {
            "id": str(uuid.uuid4()),
            "seq": len(self.world.streams[stream]) + 1,
            "author_id": user_id,
            "created_at": now(),
            "reply_to": draft.get("reply_to"),
            "conversation_id": draft["conversation_id"],
            "content": draft["content"],
            "version": 1,
            "reply_count": 0,
        }
        self.world.written[message["id"]] = message
        parent = self.world.written.get(message["reply_to"] or "")
        if parent is None:
            self._tell("message.created", message["id"])
        else:
            parent["reply_count"] += 1
            count = {"id": parent["id"], "reply_count": parent["reply_count"]}
            self._tell("message.created", message["id"], parent=count)
        return message

    def edit(self, user_id: str, data: Document) -> Document:
        message = self._own(user_id, data["message_id"])
        if message["content"] != data["content"]:
            if message["version"] != data["version"]:
                raise Refused(409, "stale_version")
            message |= {"content": data["content"], "edited_at": now()}
            message["version"] += 1
            self._tell("message.updated", message["id"])
        return self.world.message(message["id"], reader=user_id)

    def delete(self, user_id: str, message_id: str) -> Document:
        message = self._own(user_id, message_id)
        if not message.get("deleted_at"):
            message |= {"content": "", "deleted_at": now()}
            self._tell("message.deleted", message_id)
        return self.world.message(message_id, reader=user_id)

    def react(self, user_id: str, data: Document) -> Document:
        message, mine = self.world.message(data["message_id"]), (user_id, data["emoji"])
        found = self.world.reactions[message["id"]]
        if (mine in found) != data["added"]:
            (found.add if data["added"] else found.discard)(mine)
            change = {"user_id": user_id, "emoji": data["emoji"], "added": data["added"]}
            reactions = self.world.message(message["id"])["reactions"]
            told = {"message_id": message["id"], "reactions": reactions, "changes": [change]}
            self.server.record(f"conv:{message['conversation_id']}", "message.reacted", told)
        now_seen = self.world.message(message["id"], reader=user_id)
        return {"message_id": message["id"], **_only(now_seen, "reactions", "my_reactions")}

    def read(self, user_id: str, place: str, *, seq: int) -> Document:
        self.server.counts["read"] += 1
        before, _ = self.world.seen(user_id, place)
        self.world.read[user_id, place] = max(seq, self.world.read.get((user_id, place), 0))
        last, unread = self.world.seen(user_id, place)
        marked = {"conversation_id": place, "last_read_seq": last, "unread_count": unread}
        if last > before:
            self.server.record(f"user:{user_id}", "conversation.read", marked)
        return marked

    def _own(self, user_id: str, message_id: str) -> Document:
        message = self.world.written.get(message_id)
        if message is None:
            raise Refused(404, "message_not_found")
        if message["author_id"] != user_id:
            raise Refused(403, "not_allowed")
        return message

    def _tell(self, event: str, message_id: str, **more: Document) -> None:
        message = self.world.message(message_id)
        stream = f"conv:{message['conversation_id']}"
        self.server.record(stream, event, {"message": message, **more})


def _only(document: Document, *names: str) -> Document:
    return {name: document[name] for name in names}
