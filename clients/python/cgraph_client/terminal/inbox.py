"""What one person has: their conversations, who is who, and what is unread."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from cgraph_client.models import Conversation, Message, User


class Inbox:
    def __init__(self, me: User) -> None:
        self.me = me
        self._names = {me.id: me.username}
        self._talks: dict[str, Conversation] = {}
        self._shown: list[str] = []

    def __contains__(self, conversation_id: str) -> bool:
        return conversation_id in self._talks

    def put(self, conversation: Conversation) -> None:
        """The latest known of it; it goes to the top of the list."""
        self._talks.pop(conversation.id, None)
        self._talks[conversation.id] = conversation
        self._names |= {member.id: member.username for member in conversation.members}

    def put_all(self, conversations: Iterable[Conversation]) -> None:
        """Conversations as a list has them, the most recent first."""
        for conversation in reversed(list(conversations)):
            self.put(conversation)

    def remove(self, conversation_id: str) -> None:
        self._talks.pop(conversation_id, None)

    def note(self, message: Message, *, is_read: bool) -> bool:
        """A message came: its conversation is the most recent one. Whether it was not known."""
        talk = self._talks[message.conversation_id]
        if message.seq <= talk.head:
            return False
        is_unread = not is_read and message.author_id != self.me.id
        unread = talk.unread_count + is_unread
        self.put(replace(talk, last_message=message, head=message.seq, unread_count=unread))
        return True

    def mark(self, conversation_id: str, *, unread: int) -> None:
        talk = self._talks.get(conversation_id)
        if talk is not None:
            self._talks[conversation_id] = replace(talk, unread_count=unread)

    def knows(self, user_id: str) -> bool:
        return user_id in self._names

    def name_of(self, user_id: str) -> str:
        return self._names.get(user_id, "somebody")

    def title(self, conversation_id: str) -> str:
        talk = self._talks[conversation_id]
        others = [member.username for member in talk.members if member.id != self.me.id]
        return talk.name or ", ".join(others) or self.me.username

    def listed(self) -> list[Conversation]:
        """Most recent first; their numbers hold until this is asked again."""
        talks = list(reversed(self._talks.values()))
        self._shown = [talk.id for talk in talks]
        return talks

    def find(self, words: str) -> str | None:
        """The conversation meant by a number of the list, an id, or a title."""
        if words in self._talks:
            return words
        if words.isdecimal() and 0 < int(words) <= len(self._shown):
            return self._shown[int(words) - 1]
        titles = {self.title(id).casefold(): id for id in self._talks}
        return titles.get(words.casefold())
