"""Everything one person has: their conversations, whom they block, themselves.

It follows a subscription change by change, asks nothing and awaits nothing, so that what a program
shows and what a proof compares are the same:

    async with client.subscribe() as changes:  # first, so that nothing falls between
        mine = Mirror(await client.me())
        mine.begin([talk async for talk in client.all_conversations()])
        async for change in changes:
            mine.apply(change)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from cgraph_client.changes import Change, Event, Gone, Snapshot
from cgraph_client.models import Conversation, Marked, User
from cgraph_client.reading import read, read_time
from cgraph_client.timeline import Timeline

CONVERSATION = "conv:"


@dataclass(slots=True)
class Mirror:
    """`timelines` by conversation, `blocked` the ids of people."""

    me: User
    timelines: dict[str, Timeline] = field(default_factory=dict)
    blocked: set[str] = field(default_factory=set)

    def begin(self, conversations: Iterable[Conversation]) -> None:
        """With these as they were asked for; what is known of one already and newer is kept."""
        for conversation in conversations:
            known = self.timelines.get(conversation.id)
            if known is None or known.head < conversation.head:
                self.timelines[conversation.id] = Timeline.begin(conversation, me=self.me.id)

    def knows(self, stream: str) -> bool:
        return stream.removeprefix(CONVERSATION) in self.timelines

    def apply(self, change: Change) -> bool:
        """Whether it was news. Of a conversation that is not known it is not: ask for it, `begin`
        with it, and what was missed is in there. After a snapshot of one's own stream, which says
        only that much was missed, begin with the list.
        """
        match change:
            case Snapshot(conversation=conversation) if conversation is not None:
                self.timelines[conversation.id] = Timeline.from_snapshot(change, me=self.me.id)
                return True
            case Gone(stream):
                return self.timelines.pop(stream.removeprefix(CONVERSATION), None) is not None
            case Event(stream) if stream.startswith(CONVERSATION):
                timeline = self.timelines.get(stream.removeprefix(CONVERSATION))
                return timeline is not None and timeline.apply(change)
            case Event(event=event, data=data) if event in _TAKEN:
                read(lambda data: _TAKEN[event](self, data), data)
                return True
        return False

    # What one's own stream tells names states, so an older one is harmless: a newer one follows.

    def _take_joined(self, data: Mapping[str, Any]) -> None:
        self.begin([read(Conversation.read, data["conversation"])])

    def _take_left(self, data: Mapping[str, Any]) -> None:
        self.timelines.pop(data["conversation_id"], None)

    def _take_read(self, data: Mapping[str, Any]) -> None:
        timeline = self.timelines.get(data["conversation_id"])
        if timeline is not None:
            timeline.mark(read(Marked.read, data))

    def _take_muted(self, data: Mapping[str, Any]) -> None:
        timeline = self.timelines.get(data["conversation_id"])
        if timeline is not None:
            until = read_time(data.get("muted_until"))
            timeline.conversation = replace(
                timeline.conversation, muted=data["muted"], muted_until=until
            )

    def _take_block(self, data: Mapping[str, Any]) -> None:
        self.blocked.add(data["user_id"])

    def _take_unblock(self, data: Mapping[str, Any]) -> None:
        self.blocked.discard(data["user_id"])

    def _take_me(self, data: Mapping[str, Any]) -> None:
        self.me = read(User.read, data["user"])


_TAKEN: dict[str, Callable[[Mirror, Mapping[str, Any]], None]] = {
    "conversation.joined": Mirror._take_joined,
    "conversation.left": Mirror._take_left,
    "conversation.read": Mirror._take_read,
    "conversation.muted": Mirror._take_muted,
    "block.added": Mirror._take_block,
    "block.removed": Mirror._take_unblock,
    "user.updated": Mirror._take_me,
}
