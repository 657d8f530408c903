"""One conversation as one user sees it: a snapshot, and every event since.

An old timeline with the events after it is equal to a fresh snapshot, whatever the events are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from cgraph_client.core.errors import ProtocolError
from cgraph_client.core.excerpts import excerpt
from cgraph_client.core.parsing import parse, parse_optional
from cgraph_client.models.changes import Event, Snapshot
from cgraph_client.models.conversations import Conversation, ReadMarker
from cgraph_client.models.messages import Message, Quote
from cgraph_client.state.membership import with_member, with_read_marker, without_member

QUOTED_CHARACTERS = 200
DELETIONS_KEPT = 100


@dataclass(slots=True)
class Timeline:
    """`me`: the id of the user who sees it. `messages`: by id, oldest first; every message whose
    number is above `complete_after` is there.

    `counted_up_to`: the number of the last event that the unread count includes, where that came
    from the server earlier than the event. `deletions`: (number of the event, number of the
    message), for a count that comes later.

    Two timelines are equal when they show the same, however far back they are loaded.
    """

    me: str
    conversation: Conversation
    messages: dict[str, Message]
    complete_after: int = field(compare=False)
    counted_up_to: int = field(default=0, compare=False)
    deletions: list[tuple[int, int]] = field(default_factory=list, compare=False)

    @classmethod
    def load(
        cls, conversation: Conversation, *, me: str, messages: Iterable[Message] = ()
    ) -> Timeline:
        """`messages`: the newest ones, oldest first. Those above the head of the conversation are
        dropped, because they come again as events."""
        loaded = {m.id: m for m in messages if m.seq <= conversation.head}
        complete_after = next((m.seq - 1 for m in loaded.values()), conversation.head)
        return cls(me, conversation, loaded, complete_after)

    @classmethod
    def from_snapshot(cls, snapshot: Snapshot, *, me: str) -> Timeline:
        if snapshot.conversation is None:
            raise ProtocolError(f"the snapshot of {snapshot.stream} has no conversation")
        return cls.load(snapshot.conversation, me=me, messages=snapshot.messages)

    @property
    def head(self) -> int:
        return self.conversation.head

    def apply(self, event: Event) -> bool:
        """Returns whether the timeline has changed: an event that it includes already has no
        effect. Raises ValueError where the event before this one is missing."""
        if event.seq is None:
            return self._apply_receipts(event)
        if event.seq <= self.head:
            return False
        if event.seq != self.head + 1:
            raise ValueError(f"{event.stream} is at {self.head}: {event.seq} is not next")
        handler = _HANDLERS.get(event.event)
        if handler is not None:  # an unknown event of a later server only takes its number
            parse(lambda _: handler(self, event), event.data)
        self.conversation = replace(self.conversation, head=event.seq)
        return True

    def apply_read_marker(self, marker: ReadMarker) -> None:
        """Takes the user's own marker, whichever device set it. It comes in another stream, so
        earlier or later than the messages: its count is taken with what has happened since. A mark
        as unread is older than what the user has sent or read after it, which moved the marker."""
        if marker.last_read_seq < self.conversation.last_read_seq:
            return
        unread = self.conversation.unread_count
        if marker.last_read_seq > self.conversation.last_read_seq:
            unread = marker.unread_count + self._unread_since(marker)
            self.counted_up_to = marker.head
            self._set_last_read(self.me, marker.last_read_seq)
        self.conversation = replace(
            self.conversation,
            last_read_seq=marker.last_read_seq,
            unread_count=unread,
            marked_unread=marker.marked_unread,
            mention_count=marker.mention_count,
        )

    def _unread_since(self, marker: ReadMarker) -> int:
        """By how much the unread count has changed by events after those that the marker counts."""
        new = sum(m.seq > marker.head and m.deleted_at is None for m in self.messages.values())
        counted = range(marker.last_read_seq + 1, marker.head + 1)
        gone = sum(at > marker.head and seq in counted for at, seq in self.deletions)
        return new - gone

    def add_older(self, messages: Iterable[Message]) -> None:
        """Adds a page of history, oldest first, that ends where the loaded messages begin."""
        older = {m.id: m for m in messages if m.seq <= self.complete_after}
        self.complete_after = next((m.seq - 1 for m in older.values()), self.complete_after)
        self.messages = older | self.messages

    def trim(self, count: int) -> None:
        """Keeps the newest messages only."""
        newest = list(self.messages.values())[-count:] if count else []
        self.complete_after = newest[0].seq - 1 if newest else self.head
        self.messages = {m.id: m for m in newest}

    # messages

    def _apply_message_created(self, event: Event) -> None:
        message, conversation = _message(event), self.conversation
        if (parent := event.data.get("parent")) is not None:
            count = parent["reply_count"]  # a page read later may have a larger count already
            self._update(parent["id"], lambda m: replace(m, reply_count=max(m.reply_count, count)))
            conversation = self.conversation
        self.messages[message.id] = message
        is_read = message.author_id == self.me and message.seq > conversation.last_read_seq
        is_unread = message.seq > max(conversation.last_read_seq, self.counted_up_to)
        self._set_last_read(message.author_id, message.seq)
        self.conversation = replace(
            self.conversation,
            last_message=message,
            active_at=max(filter(None, [conversation.active_at, message.created_at])),
            last_read_seq=message.seq if is_read else conversation.last_read_seq,
            unread_count=0 if is_read else conversation.unread_count + is_unread,
            marked_unread=conversation.marked_unread and not is_read,
            mention_count=0 if is_read else conversation.mention_count,
        )

    def _apply_message_changed(self, event: Event) -> None:
        """An edit, a pin or a deletion. The event is the same for everyone, so it has no
        `my_reactions`; and it does not count replies, which are counted as they are created."""
        changed = _message(event)

        def update(message: Message) -> Message:
            mine = tuple(emoji for emoji in message.my_reactions if emoji in changed.reactions)
            return replace(changed, reply_count=message.reply_count, my_reactions=mine)

        self._update(changed.id, update)
        beginning = excerpt(changed.content, at_most=QUOTED_CHARACTERS)
        is_deleted = changed.deleted_at is not None
        quote = Quote(changed.id, changed.seq, changed.author_id, beginning, is_deleted)
        last = self.conversation.last_message
        for message in [*self.messages.values(), *([last] if last else [])]:
            if message.reply_to == changed.id and message.quoted is not None:
                self._update(message.id, lambda reply: replace(reply, quoted=quote))

    def _apply_message_deleted(self, event: Event) -> None:
        assert event.seq is not None, "a handler gets durable events"
        """The message no longer counts as unread. If it was the last one, the event names the one
        before it, as everyone sees it; where that is loaded, it has the user's own reactions."""
        deleted, conversation = _message(event), self.conversation
        self._apply_message_changed(event)
        was_unread = deleted.seq > conversation.last_read_seq and event.seq > self.counted_up_to
        self.deletions = [*self.deletions[1 - DELETIONS_KEPT :], (event.seq, deleted.seq)]
        last = self.conversation.last_message
        if "last_message" in event.data:
            last = parse_optional(Message.from_json, event.data["last_message"])
            last = self.messages.get(last.id, last) if last is not None else None
        self.conversation = replace(
            self.conversation,
            last_message=last,
            unread_count=conversation.unread_count - was_unread,
        )

    def _apply_message_reacted(self, event: Event) -> None:
        reactions, changes = event.data["reactions"], event.data["changes"]

        def update(message: Message) -> Message:
            mine = set(message.my_reactions)
            for change in changes:
                if change["user_id"] == self.me:
                    (mine.add if change["added"] else mine.discard)(change["emoji"])
            still_there = tuple(sorted(mine & reactions.keys()))
            return replace(message, reactions=dict(reactions), my_reactions=still_there)

        self._update(event.data["message_id"], update)

    def _update(self, message_id: str, update: Callable[[Message], Message]) -> None:
        if message_id in self.messages:
            self.messages[message_id] = update(self.messages[message_id])
        last = self.conversation.last_message
        if last is not None and last.id == message_id:
            self.conversation = replace(self.conversation, last_message=update(last))

    # the conversation and its members

    def _apply_conversation_updated(self, event: Event) -> None:
        changed = event.data["conversation"]
        self.conversation = replace(
            self.conversation, name=changed["name"], history=changed["history"]
        )

    def _apply_member_changed(self, event: Event) -> None:
        self.conversation = with_member(self.conversation, event, me=self.me)

    def _apply_member_removed(self, event: Event) -> None:
        self.conversation = without_member(self.conversation, event.data["user_id"])

    def _apply_receipts(self, event: Event) -> bool:
        receipts: list[Mapping[str, Any]] = []
        if event.event == "receipts.updated":
            receipts = event.data["receipts"]
        for receipt in receipts:
            self._set_last_read(receipt["user_id"], receipt["seq"])
        return bool(receipts)

    def _set_last_read(self, user_id: str, seq: int) -> None:
        self.conversation = with_read_marker(self.conversation, user_id, seq)


_HANDLERS: dict[str, Callable[[Timeline, Event], None]] = {
    "message.created": Timeline._apply_message_created,
    "message.updated": Timeline._apply_message_changed,
    "message.deleted": Timeline._apply_message_deleted,
    "message.reacted": Timeline._apply_message_reacted,
    "conversation.updated": Timeline._apply_conversation_updated,
    "member.added": Timeline._apply_member_changed,
    "member.updated": Timeline._apply_member_changed,
    "member.removed": Timeline._apply_member_removed,
}


def _message(event: Event) -> Message:
    if event.message is None:
        raise ProtocolError(f"{event.event} of {event.stream} has no message")
    return event.message
