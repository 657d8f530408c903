"""The conversations of the user, with the names that the screen shows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from cgraph_client.models.changes import CONVERSATION_STREAM, Change
from cgraph_client.models.conversations import Conversation, Member
from cgraph_client.models.users import User
from cgraph_client.state.local_state import LocalState
from cgraph_client.state.timeline import Timeline

LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Inbox:
    def __init__(self, me: User) -> None:
        self._state = LocalState(me)
        self._usernames = {me.id: me.username}
        self._listed: list[str] = []

    def __contains__(self, conversation_id: str) -> bool:
        return conversation_id in self._state.timelines

    @property
    def me(self) -> User:
        return self._state.me

    def load(self, conversations: Iterable[Conversation]) -> None:
        self._state.load(conversations)
        self._remember_usernames(self._state.timelines.values())

    def put(self, timeline: Timeline) -> None:
        self._state.timelines[timeline.conversation.id] = timeline
        self._remember_usernames([timeline])

    def apply(self, change: Change) -> bool:
        """Returns whether the change had an effect."""
        has_changed = self._state.apply(change)
        timelines = self._state.timelines
        timeline = timelines.get(change.stream.removeprefix(CONVERSATION_STREAM))
        self._remember_usernames([timeline] if timeline else timelines.values())
        return has_changed

    def timeline(self, conversation_id: str) -> Timeline:
        return self._state.timelines[conversation_id]

    def conversation(self, conversation_id: str) -> Conversation:
        return self._state.timelines[conversation_id].conversation

    def username_of(self, user_id: str) -> str:
        return self._usernames.get(user_id, "somebody")

    def knows(self, user_id: str) -> bool:
        return user_id in self._usernames

    def remember(self, user: User) -> None:
        """Keeps the name of a user who is in no conversation of the list."""
        self._usernames[user.id] = user.username

    def title(self, conversation_id: str) -> str:
        """Returns the name of the conversation, or the usernames of the other members. The user's
        notes have the user's own."""
        conversation = self.conversation(conversation_id)
        others = [member.username for member in conversation.members if member.id != self.me.id]
        return conversation.name or ", ".join(others) or self.me.username

    def member(self, conversation_id: str, username: str) -> Member | None:
        wanted = username.removeprefix("@").casefold()
        members = self.conversation(conversation_id).members
        return next((m for m in members if m.username.casefold() == wanted), None)

    def list_conversations(self) -> list[Conversation]:
        """Returns the conversations, the most recently active first. `find` accepts their numbers
        in this list until the next call."""
        conversations = [timeline.conversation for timeline in self._state.timelines.values()]
        conversations.sort(key=lambda each: (each.active_at or LONG_AGO, each.id), reverse=True)
        self._listed = [each.id for each in conversations]
        return conversations

    def find(self, text: str) -> str | None:
        """Returns the id of a conversation by its number in the list, its id or its title."""
        if text in self:
            return text
        if text.isdecimal() and 0 < int(text) <= len(self._listed):
            return self._listed[int(text) - 1]
        titles = {self.title(id).casefold(): id for id in self._state.timelines}
        return titles.get(text.casefold())

    def _remember_usernames(self, timelines: Iterable[Timeline]) -> None:
        """Keeps the names of former members too, because their messages stay."""
        for timeline in timelines:
            for member in timeline.conversation.members:
                self._usernames[member.id] = member.username
