"""Conversations: who is in them, and what of them is read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from cgraph_client.api.caller import Caller
from cgraph_client.models import Conversation, Marked, Member, Page
from cgraph_client.reading import read


class Conversations(Caller):
    async def conversations(
        self, *, limit: int | None = None, cursor: str | None = None
    ) -> Page[Conversation]:
        return await self.ask_for_page(
            Conversation.read, "/conversations", limit=limit, cursor=cursor
        )

    async def all_conversations(self) -> AsyncIterator[Conversation]:
        """Each conversation, page after page."""
        page = await self.conversations()
        while True:
            for conversation in page.items:
                yield conversation
            if page.next is None:
                return
            page = await self.conversations(cursor=page.next)

    async def heads(self) -> dict[str, int]:
        """How far the stream of each conversation is."""
        return {f"conv:{talk.id}": talk.head async for talk in self.all_conversations()}

    async def conversation(self, conversation_id: str) -> Conversation:
        return await self.ask_for(Conversation.read, _path(conversation_id))

    async def create_conversation(
        self,
        *usernames: str,
        kind: str | None = None,
        name: str | None = None,
        nonce: str | None = None,
    ) -> Conversation:
        """With one other person direct, unless said otherwise; with more a group.

        A direct conversation exists once; so does a group asked for again with its nonce.
        """
        body: dict[str, Any] = {
            "kind": kind or ("direct" if len(usernames) == 1 and name is None else "group"),
            "members": list(usernames),
        }
        body |= {"name": name} if name is not None else {}
        body |= {"nonce": nonce} if nonce is not None else {}
        return read(Conversation.read, await self.ask("POST", "/conversations", body=body))

    async def rename(self, conversation_id: str, name: str | None) -> None:
        await self.ask("PATCH", _path(conversation_id), body={"name": name})

    async def mark_read(self, conversation_id: str, seq: int) -> Marked:
        """Everything up to this number is read; the marker never moves back."""
        path = f"{_path(conversation_id)}/read"
        return read(Marked.read, await self.ask("PUT", path, body={"seq": seq}))

    async def mute(self, conversation_id: str, *, until: datetime | None = None) -> None:
        """For ever, unless a time is named."""
        body = {"until": None if until is None else until.isoformat()}
        await self.ask("PUT", f"{_path(conversation_id)}/mute", body=body)

    async def unmute(self, conversation_id: str) -> None:
        await self.ask("DELETE", f"{_path(conversation_id)}/mute")

    # members

    async def add_member(self, conversation_id: str, user_id: str) -> Member:
        return await self._put_member(conversation_id, user_id, {})

    async def give_role(self, conversation_id: str, user_id: str, role: str) -> Member:
        """`owner` hands the conversation over: whoever gives it becomes an admin."""
        return await self._put_member(conversation_id, user_id, {"role": role})

    async def remove_member(self, conversation_id: str, user_id: str) -> None:
        """Oneself: to leave."""
        await self.ask("DELETE", f"{_path(conversation_id)}/members/{user_id}")

    async def _put_member(self, conversation_id: str, user_id: str, body: dict[str, str]) -> Member:
        path = f"{_path(conversation_id)}/members/{user_id}"
        return read(Member.read, await self.ask("PUT", path, body=body))


def _path(conversation_id: str) -> str:
    return f"/conversations/{conversation_id}"
