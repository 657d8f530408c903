"""One conversation as one person sees it: what a snapshot said, and every event since.

Nothing is asked and nothing awaited here. An old timeline and the events after it make the same
timeline as a fresh snapshot does, whatever the events are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from cgraph_client.changes import Event, Snapshot
from cgraph_client.errors import ProtocolError
from cgraph_client.models import Conversation, Marked, Member, Message, Quote
from cgraph_client.reading import read

QUOTED_CHARACTERS = 200


@dataclass(slots=True)
class Timeline:
    """`messages` by id, oldest first: all there are above the number `since`.

    Two timelines are equal when they show the same, however far back they know it.
    """

    me: str
    conversation: Conversation
    messages: dict[str, Message]
    since: int = field(compare=False)

    @classmethod
    def begin(
        cls, conversation: Conversation, *, me: str, messages: Iterable[Message] = ()
    ) -> Timeline:
        """`me`: the id of the person whose view it is. `messages`: the newest, oldest first; those
        after the conversation's head come again as events."""
        known = {m.id: m for m in messages if m.seq <= conversation.head}
        since = next((m.seq - 1 for m in known.values()), conversation.head)
        return cls(me, conversation, known, since)

    @classmethod
    def from_snapshot(cls, snapshot: Snapshot, *, me: str) -> Timeline:
        if snapshot.conversation is None:
            raise ProtocolError(f"the snapshot of {snapshot.stream} has no conversation")
        return cls.begin(snapshot.conversation, me=me, messages=snapshot.messages)

    @property
    def head(self) -> int:
        return self.conversation.head

    def apply(self, event: Event) -> bool:
        """Whether it was news: what the snapshot knew already changes nothing. Raises ValueError
        where an event before this one is missing."""
        if event.seq is None:
            return self._take_receipts(event)
        if event.seq <= self.head:
            return False
        if event.seq != self.head + 1:
            raise ValueError(f"{event.stream} stands at {self.head}: {event.seq} is not next")
        take = _TAKEN.get(event.event)
        if take is not None:  # else of a later version: a number like any other
            read(lambda _: take(self, event), event.data)
        self.conversation = replace(self.conversation, head=event.seq)
        return True

    def mark(self, marked: Marked) -> None:
        """What one has read, on whichever device: told in one's own stream, so maybe earlier or
        later than messages are; those known are counted, and the server believed for the rest."""
        if marked.last_read_seq <= self.conversation.last_read_seq:
            return
        unread = marked.unread_count
        if marked.last_read_seq >= self.since:
            unread = sum(m.seq > marked.last_read_seq for m in self.messages.values())
        self._set_reader(self.me, marked.last_read_seq)
        self.conversation = replace(
            self.conversation, last_read_seq=marked.last_read_seq, unread_count=unread
        )

    def add_older(self, messages: Iterable[Message]) -> None:
        """A page of history, oldest first, that ends where the known messages begin."""
        older = {m.id: m for m in messages if m.seq <= self.since}
        self.since = next((m.seq - 1 for m in older.values()), self.since)
        self.messages = older | self.messages

    def keep(self, count: int) -> None:
        """Forgets all but the newest messages; the others can be asked for again."""
        newest = list(self.messages.values())[-count:] if count else []
        self.since = newest[0].seq - 1 if newest else self.head
        self.messages = {m.id: m for m in newest}

    # messages

    def _take_created(self, event: Event) -> None:
        message, talk = _message(event), self.conversation
        if (parent := event.data.get("parent")) is not None:
            count = parent["reply_count"]  # a page may have been read since, and have more
            self._alter(parent["id"], lambda m: replace(m, reply_count=max(m.reply_count, count)))
            talk = self.conversation
        self.messages[message.id] = message
        is_mine = message.author_id == self.me
        is_new = not is_mine and message.seq > talk.last_read_seq
        self._set_reader(message.author_id, message.seq)
        self.conversation = replace(
            self.conversation,
            last_message=message,
            active_at=max(filter(None, [talk.active_at, message.created_at])),
            last_read_seq=max(talk.last_read_seq, message.seq if is_mine else 0),
            unread_count=0 if is_mine else talk.unread_count + is_new,
        )

    def _take_changed(self, event: Event) -> None:
        """Edited, pinned or deleted. An event is for everybody, so it has no reactions of mine;
        replies are counted as they come."""
        fresh = _message(event)

        def changed(known: Message) -> Message:
            mine = tuple(emoji for emoji in known.my_reactions if emoji in fresh.reactions)
            return replace(fresh, reply_count=known.reply_count, my_reactions=mine)

        self._alter(fresh.id, changed)
        start, is_deleted = fresh.content[:QUOTED_CHARACTERS], fresh.deleted_at is not None
        quote = Quote(fresh.id, fresh.author_id, start, is_deleted)
        last = self.conversation.last_message
        for message in [*self.messages.values(), *([last] if last else [])]:
            if message.reply_to == fresh.id and message.quoted is not None:
                self._alter(message.id, lambda reply: replace(reply, quoted=quote))

    def _take_reacted(self, event: Event) -> None:
        reactions, changes = event.data["reactions"], event.data["changes"]

        def changed(known: Message) -> Message:
            mine = set(known.my_reactions)
            for change in changes:
                if change["user_id"] == self.me:
                    (mine.add if change["added"] else mine.discard)(change["emoji"])
            kept = tuple(sorted(mine & reactions.keys()))
            return replace(known, reactions=dict(reactions), my_reactions=kept)

        self._alter(event.data["message_id"], changed)

    def _alter(self, message_id: str, change: Callable[[Message], Message]) -> None:
        if message_id in self.messages:
            self.messages[message_id] = change(self.messages[message_id])
        last = self.conversation.last_message
        if last is not None and last.id == message_id:
            self.conversation = replace(self.conversation, last_message=change(last))

    # the conversation and who is in it

    def _take_conversation(self, event: Event) -> None:
        name = event.data["conversation"]["name"]
        self.conversation = replace(self.conversation, name=name)

    def _take_member(self, event: Event) -> None:
        """Added, or given a role. Whoever is new has read all there is; else the marker stays."""
        member, talk = read(Member.read, event.data["member"]), self.conversation
        others = [known for known in talk.members if known.id != member.id]
        before = next((known for known in talk.members if known.id == member.id), None)
        if before is not None:
            member = replace(member, last_read_seq=before.last_read_seq)
        elif any(known.last_read_seq is not None for known in others):
            member = replace(member, last_read_seq=event.seq)
        is_new = before is None and event.event == "member.added" and member.id != self.me
        self.conversation = replace(
            talk,
            members=tuple(sorted([*others, member], key=lambda known: known.id)),
            member_count=talk.member_count + is_new,
            role=member.role if member.id == self.me else talk.role,
        )

    def _take_removal(self, event: Event) -> None:
        talk, gone = self.conversation, event.data["user_id"]
        self.conversation = replace(
            talk,
            members=tuple(member for member in talk.members if member.id != gone),
            member_count=talk.member_count - 1,
        )

    def _take_receipts(self, event: Event) -> bool:
        receipts: list[Mapping[str, Any]] = []
        if event.event == "receipts.updated":
            receipts = event.data["receipts"]
        for receipt in receipts:
            self._set_reader(receipt["user_id"], receipt["seq"])
        return bool(receipts)

    def _set_reader(self, user_id: str, seq: int) -> None:
        """Where nobody is told how far others have read (None), it stays so."""
        members = [
            replace(m, last_read_seq=seq)
            if m.id == user_id and m.last_read_seq is not None and m.last_read_seq < seq
            else m
            for m in self.conversation.members
        ]
        self.conversation = replace(self.conversation, members=tuple(members))


_TAKEN: dict[str, Callable[[Timeline, Event], None]] = {
    "message.created": Timeline._take_created,
    "message.updated": Timeline._take_changed,
    "message.deleted": Timeline._take_changed,
    "message.reacted": Timeline._take_reacted,
    "conversation.updated": Timeline._take_conversation,
    "member.added": Timeline._take_member,
    "member.updated": Timeline._take_member,
    "member.removed": Timeline._take_removal,
}


def _message(event: Event) -> Message:
    if event.message is None:
        raise ProtocolError(f"{event.event} of {event.stream} has no message")
    return event.message
