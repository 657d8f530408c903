"""Everything that one user sees: the profile, the conversations, the blocked users.

It follows a connection change by change:

    async with client.connect() as connection:  # first, so that no change is missed
        state = LocalState(await client.me())
        state.load([each async for each in client.all_conversations()])
        async for change in connection:
            state.apply(change)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from cgraph_client.core.parsing import parse, parse_time
from cgraph_client.models.changes import (
    CONVERSATION_STREAM,
    Change,
    Event,
    Snapshot,
    StreamRemoved,
)
from cgraph_client.models.conversations import Conversation, ReadMarker
from cgraph_client.models.users import User
from cgraph_client.state.timeline import Timeline


@dataclass(slots=True)
class LocalState:
    """`timelines` by conversation id, `blocked` the ids of users."""

    me: User
    timelines: dict[str, Timeline] = field(default_factory=dict)
    blocked: set[str] = field(default_factory=set)

    def load(self, conversations: Iterable[Conversation]) -> None:
        """Takes conversations as the API returned them; a timeline that is newer is kept."""
        for conversation in conversations:
            known = self.timelines.get(conversation.id)
            if known is None or known.head < conversation.head:
                self.timelines[conversation.id] = Timeline.load(conversation, me=self.me.id)

    def has_conversation(self, stream: str) -> bool:
        """Whether the conversation of this stream is loaded."""
        return stream.removeprefix(CONVERSATION_STREAM) in self.timelines

    def collapses(self, content: Mapping[str, Any]) -> bool:
        """Whether to show a post or comment, from the API or from an event, without its text: the
        user has blocked its author.
        """
        return bool(content.get("blocked")) or content["author"]["id"] in self.blocked

    def apply(self, change: Change) -> bool:
        """Returns whether the state has changed. A change of a conversation that is not loaded has
        no effect: request the conversation and `load` it, which includes what was missed. After a
        snapshot of the user's own stream, `load` the list of conversations.
        """
        match change:
            case Snapshot(conversation=conversation) if conversation is not None:
                self.timelines[conversation.id] = Timeline.from_snapshot(change, me=self.me.id)
                return True
            case StreamRemoved(stream):
                id = stream.removeprefix(CONVERSATION_STREAM)
                return self.timelines.pop(id, None) is not None
            case Event(stream) if stream.startswith(CONVERSATION_STREAM):
                timeline = self.timelines.get(stream.removeprefix(CONVERSATION_STREAM))
                return timeline is not None and timeline.apply(change)
            case Event(event=event, data=data) if event in _HANDLERS:
                parse(lambda data: _HANDLERS[event](self, data), data)
                return True
        return False

    # An event of the user's own stream has the whole new state, so an older one does no harm: a
    # newer one follows.

    def _apply_joined(self, data: Mapping[str, Any]) -> None:
        self.load([parse(Conversation.from_json, data["conversation"])])

    def _apply_left(self, data: Mapping[str, Any]) -> None:
        self.timelines.pop(data["conversation_id"], None)

    def _apply_read(self, data: Mapping[str, Any]) -> None:
        timeline = self.timelines.get(data["conversation_id"])
        if timeline is not None:
            timeline.apply_read_marker(parse(ReadMarker.from_json, data))

    def _apply_muted(self, data: Mapping[str, Any]) -> None:
        timeline = self.timelines.get(data["conversation_id"])
        if timeline is not None:
            until = parse_time(data.get("muted_until"))
            timeline.conversation = replace(
                timeline.conversation, muted=data["muted"], muted_until=until
            )

    def _apply_notification(self, data: Mapping[str, Any]) -> None:
        place = data["notification"]["place"]
        timeline = self.timelines.get(place["id"]) if place else None
        if timeline is not None:
            timeline.conversation = replace(
                timeline.conversation, mention_count=data["mention_count"]
            )

    def _apply_block_added(self, data: Mapping[str, Any]) -> None:
        self.blocked.add(data["user_id"])

    def _apply_block_removed(self, data: Mapping[str, Any]) -> None:
        self.blocked.discard(data["user_id"])

    def _apply_profile(self, data: Mapping[str, Any]) -> None:
        self.me = parse(User.from_json, data["user"])


_HANDLERS: dict[str, Callable[[LocalState, Mapping[str, Any]], None]] = {
    "conversation.joined": LocalState._apply_joined,
    "conversation.left": LocalState._apply_left,
    "conversation.read": LocalState._apply_read,
    "conversation.unread": LocalState._apply_read,
    "conversation.muted": LocalState._apply_muted,
    "notification.created": LocalState._apply_notification,
    "notification.updated": LocalState._apply_notification,
    "block.added": LocalState._apply_block_added,
    "block.removed": LocalState._apply_block_removed,
    "user.updated": LocalState._apply_profile,
}
