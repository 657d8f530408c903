"""What a run of the proof R23 knows: its people, where they are, and the two references."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.feature.forum import Forum
from tests.feature.notifications.reference import Key, Reference, Told
from tests.feature.notifications.reference_of_deliveries import DeliveryReference
from tests.feature.world import Person, World

PEOPLE = 4
ONLINE = frozenset({1, 2})
"""Who has an open socket."""

OWNER = 0
"""Of the group and of the forum."""


@dataclass
class ModelState:
    """`devices`: a second session of each person. `now`: the clock of consumer and deliveries."""

    world: World
    people: Sequence[Person]
    devices: Sequence[Person]
    group: str
    direct: str
    forum: Forum
    post: str
    began: str
    now: datetime
    queues: Mapping[str, str]
    tally: Counter[str]
    reference: Reference = field(default_factory=Reference)
    deliveries: DeliveryReference = field(default_factory=DeliveryReference)
    members: set[int] = field(default_factory=lambda: set(range(PEOPLE)))
    levels: dict[int, str] = field(default_factory=dict)
    muted: set[int] = field(default_factory=set)
    post_levels: dict[int, str] = field(default_factory=dict)
    forum_levels: dict[int, str] = field(default_factory=dict)
    writers: set[int] = field(default_factory=lambda: {OWNER})
    messages: list[tuple[Any, int, str]] = field(default_factory=list)
    comments: list[tuple[Any, int]] = field(default_factory=list)
    second_devices: dict[int, str] = field(default_factory=dict)

    def tell(self, user: int, told: Told, *, source: str, wanted: bool = True) -> None:
        id = self.people[user].id
        if self.reference.tell(id, told, source=source, wanted=wanted):
            self.deliveries.raised(id, told.key, self.now)

    def invite(self, user: int) -> None:
        owner = self.people[OWNER].id
        told = Told(("invitation", self.group), owner, self.group, self.group, self.group, None)
        source = f"invitation {self.tally['invitations']}"
        self.tally["invitations"] += 1
        self.tell(user, told, source=source)

    def audience(self, place: str) -> set[int]:
        return self.members if place == self.group else {0, 1}

    def level_of_post(self, user: int) -> str:
        """A chosen level of the post counts before that of the forum, and that before following
        by writing."""
        of_forum = self.forum_levels.get(user)
        if user in self.post_levels:
            return self.post_levels[user]
        if of_forum == "nothing":
            return "nothing"
        return "everything" if user in self.writers else "mentions"

    def quiet_now(self) -> set[tuple[str, Key]]:
        """What users have muted since they were notified of it."""
        ids = {self.people[user].id for user in self.muted}
        return {
            (user, key)
            for user, key in self.deliveries.unread
            if user in ids and self.reference.place_of(user, key) == self.group
        }

    def passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
