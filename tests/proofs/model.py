"""What must be, said without a database: places, who is in them, what was said there.

Each deed answers the code of the refusal that is due, or None and is done.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

OWNER, ADMIN, MEMBER = "owner", "admin", "member"
QUOTED = 200
Refusal = str | None


@dataclass(slots=True)
class Said:
    """`id` and `seq` are the server's to give. `reactions`: by emoji, who."""

    author: str
    content: str
    parent: Said | None = None
    mentions: tuple[str, ...] = ()
    id: str = ""
    seq: int = 0
    version: int = 1
    deleted: bool = False
    pinned: bool = False
    replies: int = 0
    reactions: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def shown(self, *, to: str, whole: bool) -> dict[str, Any]:
        """Not `whole`: without what takes a while to be told, the reactions."""
        quoted = None
        if self.parent is not None and not self.deleted:
            quoted = (self.parent.id, self.parent.content[:QUOTED], self.parent.deleted)
        look = {
            "id": self.id,
            "seq": self.seq,
            "author": self.author,
            "content": self.content,
            "quoted": quoted,
            "version": self.version,
            "deleted": self.deleted,
            "pinned": self.pinned,
            "replies": self.replies,
            "mentions": self.mentions,
        }
        if whole:
            look["reactions"] = {emoji: len(who) for emoji, who in self.reactions.items() if who}
            look["mine"] = {emoji for emoji, who in self.reactions.items() if to in who}
        return look


@dataclass(slots=True)
class Place:
    """`roles` of its members; `read`: by person, how many of the messages."""

    id: str
    is_direct: bool
    roles: dict[str, str]
    read: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    messages: list[Said] = field(default_factory=list)

    def shown(self, *, to: str, since: int, whole: bool) -> dict[str, Any]:
        """The messages that came after the number `since`."""
        last = self.messages[-1:]
        return {
            "role": self.roles[to],
            "roles": self.roles,
            "count": len(self.roles),
            "unread": len(self.messages) - self.read[to],
            "last": last[0].id if last else None,
            "said": [said.shown(to=to, whole=whole) for said in self.messages if said.seq > since],
        }

    def is_led_by(self, who: str) -> bool:
        return self.roles[who] in (OWNER, ADMIN)


@dataclass(slots=True)
class Model:
    """`blocks`: who has blocked whom."""

    places: list[Place] = field(default_factory=list)
    blocks: set[tuple[str, str]] = field(default_factory=set)

    def shown(self, *, to: str, since: dict[str, int], whole: bool) -> dict[str, Any]:
        """All that one person is to see."""
        places = {
            place.id: place.shown(to=to, since=since.get(place.id, 0), whole=whole)
            for place in self.places
            if to in place.roles
        }
        return {"blocked": {whom for who, whom in self.blocks if who == to}, **places}

    def is_cut(self, place: Place) -> bool:
        """One of the two has blocked the other."""
        return place.is_direct and any({*pair} == {*place.roles} for pair in self.blocks)

    # messages

    def send(
        self, who: str, place: Place, content: str, *, parent: Said | None, names: str | None
    ) -> Refusal:
        if who not in place.roles:
            return "conversation_not_found"
        if self.is_cut(place):
            return "blocked"
        is_mentioned = names in place.roles and (names, who) not in self.blocks
        mentions = (names,) if names is not None and is_mentioned else ()
        place.messages.append(Said(who, content, parent, mentions))
        if parent is not None:
            parent.replies += 1
        place.read[who] = len(place.messages)
        return None

    def edit(self, who: str, place: Place, said: Said, content: str, *, version: int) -> Refusal:
        if who not in place.roles:
            return "message_not_found"
        if who != said.author:
            return "not_allowed"
        if said.deleted:
            return "message_deleted"
        if version != said.version:
            return "stale_version"
        if self.is_cut(place):
            return "blocked"
        said.content, said.version, said.mentions = content, version + 1, ()
        return None

    def delete(self, who: str, place: Place, said: Said) -> Refusal:
        if who not in place.roles:
            return "message_not_found"
        if who != said.author and not place.is_led_by(who):
            return "not_allowed"
        said.content, said.mentions, said.deleted, said.pinned = "", (), True, False
        said.reactions.clear()
        return None

    def react(self, who: str, place: Place, said: Said, emoji: str, *, added: bool) -> Refusal:
        if who not in place.roles:
            return "message_not_found"
        if added and said.deleted:
            return "message_deleted"
        if added and self.is_cut(place):
            return "blocked"
        (said.reactions[emoji].add if added else said.reactions[emoji].discard)(who)
        return None

    def pin(self, who: str, place: Place, said: Said, *, pinned: bool) -> Refusal:
        if who not in place.roles:
            return "message_not_found"
        if not place.is_direct and not place.is_led_by(who):
            return "not_allowed"
        if pinned and said.deleted:
            return "message_deleted"
        said.pinned = pinned
        return None

    def mark_read(self, who: str, place: Place, said: Said) -> Refusal:
        if who not in place.roles:
            return "conversation_not_found"
        place.read[who] = max(place.read[who], place.messages.index(said) + 1)
        return None

    # members

    def put(self, who: str, place: Place, whom: str, role: str | None) -> Refusal:
        if who not in place.roles:
            return "conversation_not_found"
        if not place.is_led_by(who):
            return "not_allowed"
        had = place.roles.get(whom)
        role = role or had or MEMBER
        if role == had:
            return None
        refusal = self._refuses(who, place, whom, (had, role))
        if refusal is None:
            if had is None:
                place.read[whom] = len(place.messages)
            place.roles[whom] = role
            if role == OWNER:
                place.roles[who] = ADMIN
        return refusal

    def _refuses(
        self, who: str, place: Place, whom: str, change: tuple[str | None, str]
    ) -> Refusal:
        if place.roles[who] != OWNER and change != (None, MEMBER):
            return "not_allowed"
        if whom == who:
            return "ownership_transfer_required"
        return "blocked" if change[0] is None and (whom, who) in self.blocks else None

    def remove(self, who: str, place: Place, whom: str) -> Refusal:
        if who not in place.roles:
            return "conversation_not_found"
        role = place.roles[who]
        if who != whom and not place.is_led_by(who):
            return "not_allowed"
        if place.is_direct:
            return "invalid_members"
        if whom not in place.roles:
            return "member_not_found"
        if who == whom and role == OWNER and len(place.roles) > 1:
            return "ownership_transfer_required"
        if who != whom and role == ADMIN and place.roles[whom] != MEMBER:
            return "not_allowed"
        del place.roles[whom]
        return None

    def block(self, who: str, whom: str, *, blocked: bool) -> Refusal:
        if who == whom and blocked:
            return "invalid_block"
        (self.blocks.add if blocked else self.blocks.discard)((who, whom))
        return None
