"""What one person has, with the names that a screen shows for it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from cgraph_client.changes import Change
from cgraph_client.mirror import CONVERSATION, Mirror
from cgraph_client.models import Conversation, Member, User
from cgraph_client.timeline import Timeline

LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Inbox:
    def __init__(self, me: User) -> None:
        self._mirror = Mirror(me)
        self._names = {me.id: me.username}
        self._shown: list[str] = []

    def __contains__(self, conversation_id: str) -> bool:
        return conversation_id in self._mirror.timelines

    @property
    def me(self) -> User:
        return self._mirror.me

    def begin(self, conversations: Iterable[Conversation]) -> None:
        self._mirror.begin(conversations)
        self._learn(self._mirror.timelines.values())

    def put(self, timeline: Timeline) -> None:
        self._mirror.timelines[timeline.conversation.id] = timeline
        self._learn([timeline])

    def apply(self, change: Change) -> bool:
        """Whether it was news."""
        is_news = self._mirror.apply(change)
        timelines = self._mirror.timelines
        timeline = timelines.get(change.stream.removeprefix(CONVERSATION))
        self._learn([timeline] if timeline else timelines.values())
        return is_news

    def timeline(self, conversation_id: str) -> Timeline:
        return self._mirror.timelines[conversation_id]

    def talk(self, conversation_id: str) -> Conversation:
        return self._mirror.timelines[conversation_id].conversation

    def name_of(self, user_id: str) -> str:
        return self._names.get(user_id, "somebody")

    def knows(self, user_id: str) -> bool:
        return user_id in self._names

    def title(self, conversation_id: str) -> str:
        talk = self.talk(conversation_id)
        others = [member.username for member in talk.members if member.id != self.me.id]
        return talk.name or ", ".join(others) or self.me.username

    def member(self, conversation_id: str, username: str) -> Member | None:
        wanted = username.removeprefix("@").casefold()
        members = self.talk(conversation_id).members
        return next((m for m in members if m.username.casefold() == wanted), None)

    def listed(self) -> list[Conversation]:
        """Most recent first; their numbers hold until this is asked again."""
        talks = [timeline.conversation for timeline in self._mirror.timelines.values()]
        talks.sort(key=lambda talk: (talk.active_at or LONG_AGO, talk.id), reverse=True)
        self._shown = [talk.id for talk in talks]
        return talks

    def find(self, words: str) -> str | None:
        """The conversation meant by a number of the list, an id, or a title."""
        if words in self:
            return words
        if words.isdecimal() and 0 < int(words) <= len(self._shown):
            return self._shown[int(words) - 1]
        titles = {self.title(id).casefold(): id for id in self._mirror.timelines}
        return titles.get(words.casefold())

    def _learn(self, timelines: Iterable[Timeline]) -> None:
        """Names outlive membership: what somebody said stays theirs."""
        for timeline in timelines:
            for member in timeline.conversation.members:
                self._names[member.id] = member.username
