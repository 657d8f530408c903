"""Messages, reactions and pins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from cgraph_client.api.base_client import BaseClient
from cgraph_client.core.emoji import to_emoji
from cgraph_client.core.parsing import parse
from cgraph_client.models.messages import Message, MessageVersion, Reaction, Reactions
from cgraph_client.models.page import Page


class Messages(BaseClient):
    async def history(
        self,
        conversation_id: str,
        *,
        before: int | None = None,
        after: int | None = None,
        around: int | None = None,
        limit: int | None = None,
    ) -> tuple[Message, ...]:
        """Returns messages, oldest first: those just before, after or on both sides of a number,
        without one the latest."""
        path = f"/conversations/{conversation_id}/messages"
        page = await self.get_page(
            Message.from_json, path, before=before, after=after, around=around, limit=limit
        )
        return tuple(sorted(page.items, key=lambda message: message.seq))

    async def pins(self, conversation_id: str) -> tuple[Message, ...]:
        """Returns all pinned messages: a conversation has at most fifty."""
        path = f"/conversations/{conversation_id}/pins"
        return (await self.get_page(Message.from_json, path)).items

    async def message(self, message_id: str) -> Message:
        return await self.get(Message.from_json, _path(message_id))

    async def replies(
        self, message_id: str, *, limit: int | None = None, cursor: str | None = None
    ) -> Page[Message]:
        """Lists the replies to a message, oldest first."""
        path = f"{_path(message_id)}/replies"
        return await self.get_page(Message.from_json, path, limit=limit, cursor=cursor)

    async def versions(
        self, message_id: str, *, limit: int | None = None, cursor: str | None = None
    ) -> Page[MessageVersion]:
        """Lists what a message contained before each edit, the last edit first. Only its author
        sees it, and the owner and admins of a group."""
        path = f"{_path(message_id)}/versions"
        return await self.get_page(MessageVersion.from_json, path, limit=limit, cursor=cursor)

    async def send(
        self,
        conversation_id: str,
        content: str,
        *,
        nonce: str | None = None,
        reply_to: str | None = None,
        attachments: Sequence[str] = (),
    ) -> Message:
        """Sends a message. A request that is repeated with the same nonce returns the first
        message. `attachments`: ids of uploads that are ready; with some, the content may be
        empty."""
        body = message_body(
            conversation_id, content, nonce=nonce, reply_to=reply_to, attachments=attachments
        )
        return parse(Message.from_json, await self.request("POST", "/messages", body=body))

    async def edit(self, message_id: str, content: str, *, version: int) -> Message:
        """`version`: the version that the caller has seen. Raises Conflict where there is a newer
        one."""
        body = {"content": content, "version": version}
        return parse(Message.from_json, await self.request("PATCH", _path(message_id), body=body))

    async def delete(self, message_id: str) -> Message:
        """Deletes a message and returns it as it now is, with empty content."""
        return parse(Message.from_json, await self.request("DELETE", _path(message_id)))

    async def react(self, message_id: str, emoji: str) -> Reactions:
        """Adds a reaction. `emoji`: in any of its forms, or its short name (`:thumbsup:`)."""
        path = _reaction_path(message_id, emoji)
        return parse(Reactions.from_json, await self.request("PUT", path))

    async def unreact(self, message_id: str, emoji: str) -> Reactions:
        path = _reaction_path(message_id, emoji)
        return parse(Reactions.from_json, await self.request("DELETE", path))

    async def reactions(
        self, message_id: str, emoji: str, *, limit: int | None = None, cursor: str | None = None
    ) -> Page[Reaction]:
        """Lists who reacted to a message with an emoji, oldest first."""
        path = _reaction_path(message_id, emoji)
        return await self.get_page(Reaction.from_json, path, limit=limit, cursor=cursor)

    async def pin(self, message_id: str) -> Message:
        return parse(Message.from_json, await self.request("PUT", f"{_path(message_id)}/pin"))

    async def unpin(self, message_id: str) -> Message:
        return parse(Message.from_json, await self.request("DELETE", f"{_path(message_id)}/pin"))


def message_body(
    conversation_id: str,
    content: str,
    *,
    nonce: str | None,
    reply_to: str | None,
    attachments: Sequence[str] = (),
) -> dict[str, Any]:
    """Returns the body of `POST /messages`, which is also the data of the socket action `send`."""
    fields = {
        "conversation_id": conversation_id,
        "content": content,
        "nonce": nonce,
        "reply_to": reply_to,
        "attachments": list(attachments) or None,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _path(message_id: str) -> str:
    return f"/messages/{message_id}"


def _reaction_path(message_id: str, emoji: str) -> str:
    return f"{_path(message_id)}/reactions/{quote(to_emoji(emoji), safe='')}"
