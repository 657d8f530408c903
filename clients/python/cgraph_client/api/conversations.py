"""Conversations: members, read markers, mutes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from cgraph_client.api.base_client import BaseClient
from cgraph_client.core.parsing import parse
from cgraph_client.models.changes import CONVERSATION_STREAM
from cgraph_client.models.conversations import Conversation, Member, ReadMarker
from cgraph_client.models.page import Page


class Conversations(BaseClient):
    async def conversations(
        self,
        *,
        unread: bool = False,
        muted: bool | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Page[Conversation]:
        """Lists the conversations of the caller, the most recently active first. `unread`: only
        those with unread messages or marked as unread; `muted`: only those that are, or are not.
        A cursor belongs to the filters of its page."""
        filters = {
            "unread": "true" if unread else None,
            "muted": None if muted is None else str(muted).lower(),
        }
        return await self.get_page(
            Conversation.from_json, "/conversations", limit=limit, cursor=cursor, **filters
        )

    async def all_conversations(self) -> AsyncIterator[Conversation]:
        """Yields every conversation of the caller, page after page."""
        page = await self.conversations()
        while True:
            for conversation in page.items:
                yield conversation
            if page.next is None:
                return
            page = await self.conversations(cursor=page.next)

    async def stream_heads(self) -> dict[str, int]:
        """Returns the number of the last event of every conversation, by stream."""
        return {
            f"{CONVERSATION_STREAM}{conversation.id}": conversation.head
            async for conversation in self.all_conversations()
        }

    async def conversation(self, conversation_id: str) -> Conversation:
        return await self.get(Conversation.from_json, _path(conversation_id))

    async def create_conversation(
        self,
        *usernames: str,
        kind: str | None = None,
        name: str | None = None,
        history: str | None = None,
        nonce: str | None = None,
    ) -> Conversation:
        """Creates a conversation: with one other user a direct one, unless `kind` or `name` is
        given, with more users a group. With the caller's own name alone it is a place for notes.
        A direct conversation exists once, and a request that is repeated with its nonce returns
        the first group. `history`: of a group, `all` or `from_joining`."""
        body: dict[str, Any] = {
            "kind": kind or ("direct" if len(usernames) == 1 and name is None else "group"),
            "members": list(usernames),
        }
        body |= {"name": name} if name is not None else {}
        body |= {"history": history} if history is not None else {}
        body |= {"nonce": nonce} if nonce is not None else {}
        return parse(
            Conversation.from_json, await self.request("POST", "/conversations", body=body)
        )

    async def rename(self, conversation_id: str, name: str | None) -> None:
        await self.request("PATCH", _path(conversation_id), body={"name": name})

    async def set_history(self, conversation_id: str, history: str) -> None:
        """Sets what users see who are added from now on: `all` messages, or only those
        `from_joining` on."""
        await self.request("PATCH", _path(conversation_id), body={"history": history})

    async def mark_read(self, conversation_id: str, seq: int) -> ReadMarker:
        """Marks every message up to number `seq` as read. The marker never moves back."""
        path = f"{_path(conversation_id)}/read"
        return parse(ReadMarker.from_json, await self.request("PUT", path, body={"seq": seq}))

    async def mark_unread(self, conversation_id: str) -> ReadMarker:
        """Marks the conversation as unread on all devices, until the user reads it or sends a
        message. The read marker stays."""
        path = f"{_path(conversation_id)}/unread"
        return parse(ReadMarker.from_json, await self.request("PUT", path))

    async def mute(self, conversation_id: str, *, until: datetime | None = None) -> None:
        """Mutes notifications until this time, without one until `unmute`."""
        body = {"until": None if until is None else until.isoformat()}
        await self.request("PUT", f"{_path(conversation_id)}/mute", body=body)

    async def unmute(self, conversation_id: str) -> None:
        await self.request("DELETE", f"{_path(conversation_id)}/mute")

    # members

    async def members(
        self, conversation_id: str, *, limit: int | None = None, cursor: str | None = None
    ) -> Page[Member]:
        """Lists the members, in the order of their ids."""
        path = f"{_path(conversation_id)}/members"
        return await self.get_page(Member.from_json, path, limit=limit, cursor=cursor)

    async def add_member(self, conversation_id: str, user_id: str) -> Member:
        return await self._put_member(conversation_id, user_id, {})

    async def set_role(self, conversation_id: str, user_id: str, role: str) -> Member:
        """Sets the role of a member. `owner` transfers the ownership: the caller becomes an
        admin."""
        return await self._put_member(conversation_id, user_id, {"role": role})

    async def remove_member(self, conversation_id: str, user_id: str) -> None:
        """Removes a member. With the caller's own id: leaves the conversation."""
        await self.request("DELETE", f"{_path(conversation_id)}/members/{user_id}")

    async def _put_member(self, conversation_id: str, user_id: str, body: dict[str, str]) -> Member:
        path = f"{_path(conversation_id)}/members/{user_id}"
        return parse(Member.from_json, await self.request("PUT", path, body=body))


def _path(conversation_id: str) -> str:
    return f"/conversations/{conversation_id}"
