"""Messages: each method asks once. What must arrive goes through an `Outbox`."""

from __future__ import annotations

from urllib.parse import quote

from cgraph_client.api.caller import Caller
from cgraph_client.models import Message, Reactions
from cgraph_client.reading import read


class Messages(Caller):
    async def history(
        self,
        conversation_id: str,
        *,
        before: int | None = None,
        after: int | None = None,
        limit: int | None = None,
    ) -> tuple[Message, ...]:
        """Messages around a `seq`, oldest first; without one, the latest."""
        path = f"/conversations/{conversation_id}/messages"
        page = await self.ask_for_page(Message.read, path, before=before, after=after, limit=limit)
        return tuple(sorted(page.items, key=lambda message: message.seq))

    async def pins(self, conversation_id: str) -> tuple[Message, ...]:
        """All of them: a conversation has at most fifty."""
        path = f"/conversations/{conversation_id}/pins"
        return (await self.ask_for_page(Message.read, path)).items

    async def message(self, message_id: str) -> Message:
        return await self.ask_for(Message.read, _path(message_id))

    async def send(
        self,
        conversation_id: str,
        content: str,
        *,
        nonce: str | None = None,
        reply_to: str | None = None,
    ) -> Message:
        """Tries once. With the same nonce it may be tried again and is written once."""
        body = new_draft(conversation_id, content, nonce=nonce, reply_to=reply_to)
        return read(Message.read, await self.ask("POST", "/messages", body=body))

    async def edit(self, message_id: str, content: str, *, version: int) -> Message:
        """`version`: the one it changes; `Conflict` where somebody was quicker."""
        body = {"content": content, "version": version}
        return read(Message.read, await self.ask("PATCH", _path(message_id), body=body))

    async def delete(self, message_id: str) -> Message:
        """What is left of it: its place."""
        return read(Message.read, await self.ask("DELETE", _path(message_id)))

    async def react(self, message_id: str, emoji: str) -> Reactions:
        return read(Reactions.read, await self.ask("PUT", _reaction(message_id, emoji)))

    async def unreact(self, message_id: str, emoji: str) -> Reactions:
        return read(Reactions.read, await self.ask("DELETE", _reaction(message_id, emoji)))

    async def pin(self, message_id: str) -> Message:
        return read(Message.read, await self.ask("PUT", f"{_path(message_id)}/pin"))

    async def unpin(self, message_id: str) -> Message:
        return read(Message.read, await self.ask("DELETE", f"{_path(message_id)}/pin"))


def new_draft(
    conversation_id: str, content: str, *, nonce: str | None, reply_to: str | None
) -> dict[str, str]:
    """The body of `POST /messages`, which is also the data of the socket's `send`."""
    draft = {
        "conversation_id": conversation_id,
        "content": content,
        "nonce": nonce,
        "reply_to": reply_to,
    }
    return {name: value for name, value in draft.items() if value is not None}


def _path(message_id: str) -> str:
    return f"/messages/{message_id}"


def _reaction(message_id: str, emoji: str) -> str:
    return f"{_path(message_id)}/reactions/{quote(emoji, safe='')}"
