"""Who must have been told what: a reference without a database, for the proof R23."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import groupby

Key = tuple[str, str]
"""The kind of a notification, and what of that kind is told together."""


@dataclass(slots=True)
class Told:
    """One thing that a user was notified of. `actor`: empty where nobody is named; `text`: what it
    depends on; `seq`: its number in the conversation `place`, None in a forum."""

    key: Key
    actor: str
    text: str
    target: str
    place: str
    seq: int | None
    read: bool = False

    def copy(self) -> Told:
        return replace(self)


@dataclass(slots=True)
class Reference:
    told: dict[str, list[Told]] = field(default_factory=dict)
    sources: set[tuple[str, str]] = field(default_factory=set)
    blocks: set[frozenset[str]] = field(default_factory=set)
    blockers: set[tuple[str, str]] = field(default_factory=set)
    markers: dict[tuple[str, str], int] = field(default_factory=dict)

    def tell(self, user: str, told: Told, *, source: str, wanted: bool = True) -> bool:
        """Once for each source, if it is wanted, and not by or to somebody who is blocked. Returns
        whether the user is told."""
        if user == told.actor or (user, source) in self.sources:
            return False
        self.sources.add((user, source))
        if not wanted or frozenset((user, told.actor)) in self.blocks:
            return False
        self.told.setdefault(user, []).append(told)
        return True

    def read_conversation(self, user: str, place: str, seq: int) -> None:
        if seq > self.markers.get((user, place), 0):
            self.markers[user, place] = seq
            for told in self.told.get(user, ()):
                told.read = told.read or (told.place == place and (told.seq or 0) <= seq)

    def read(self, user: str) -> None:
        for told in self.told.get(user, ()):
            told.read = True

    def forget(self, user: str, id: str) -> None:
        """What they may not see any more: of a place, by an actor, or about a text."""
        self.told[user] = [
            told
            for told in self.told.get(user, ())
            if id not in (told.place, told.actor, told.text)
        ]

    def take_back(self, user: str, key: Key, *, actor: str) -> None:
        """What somebody did; what the user has read stays."""
        self.told[user] = [
            told
            for told in self.told.get(user, ())
            if told.read or told.key != key or told.actor != actor
        ]

    def unread(self, user: str) -> list[tuple[Key, int, int, str]]:
        """(key, how often, by how many, the newest target) of each notification."""
        open_ones = sorted(
            ((place, told) for place, told in enumerate(self.told.get(user, ())) if not told.read),
            key=lambda each: (each[1].key, each[0]),
        )
        groups = [
            (key, [told for _, told in group])
            for key, group in groupby(open_ones, key=lambda each: each[1].key)
        ]
        return [
            (key, len(group), len({told.actor for told in group} - {""}), group[-1].target)
            for key, group in groups
        ]

    def place_of(self, user: str, key: Key) -> str:
        return next(told.place for told in self.told[user] if told.key == key and not told.read)

    def mentions(self, user: str, place: str) -> int:
        """How many unread messages of the conversation mention the user."""
        marker = self.markers.get((user, place), 0)
        return sum(
            told.place == place and (told.seq or 0) > marker
            for told in self.told.get(user, ())
            if told.key[0] in ("mention", "broadcast")
        )
