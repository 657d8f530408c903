"""R17: whatever three people do, in any order, with sockets that come and go: each of them is shown
what a model without a database says, and nobody what is not for them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from tests.conftest import Report, Size
from tests.proofs.model import Place, Said
from tests.proofs.play import PEOPLE, Play
from tests.system import LocalSystem

who = st.integers(0, PEOPLE - 1)
places = st.sampled_from((0, 0, 1))
any_of_them = st.integers(0, 1000)


class Conversations(RuleBasedStateMachine):
    """What a person does is asked for and thought at once; then all must be shown the same."""

    local: LocalSystem
    loop: asyncio.AbstractEventLoop
    tally: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.play = self.loop.run_until_complete(Play.begin(self.local, tally=self.tally))
        self.is_sound = False

    def run(self, deed: Coroutine[object, object, None]) -> None:
        self.is_sound = False
        self.loop.run_until_complete(deed)

    def message(self, which: int, *, of: int | None = None) -> tuple[Place, Said]:
        """`of`: one of that person's, where there is any."""
        said = [(place, each) for place in self.play.model.places for each in place.messages]
        if of is not None:
            author = self.play.followers[of].id
            said = [pair for pair in said if pair[1].author == author] or said
        return said[which % len(said)]

    @rule(who=who, place=places, names=st.none() | who)
    def send(self, who: int, place: int, names: int | None) -> None:
        place_ = self.play.model.places[place]
        self.run(self.play.send(who, place_, parent=None, names=names))

    @rule(who=who, which=any_of_them)
    def reply(self, who: int, which: int) -> None:
        place, said = self.message(which)
        self.run(self.play.send(who, place, parent=said, names=None))

    @rule(who=who, which=any_of_them, own=st.booleans(), behind=st.sampled_from((0, 0, 1)))
    def edit(self, who: int, which: int, own: bool, behind: int) -> None:
        place, said = self.message(which, of=who if own else None)
        self.run(self.play.edit(who, place, said, version=max(1, said.version - behind)))

    @rule(who=who, which=any_of_them, own=st.booleans())
    def delete(self, who: int, which: int, own: bool) -> None:
        self.run(self.play.delete(who, *self.message(which, of=who if own else None)))

    @rule(who=who, which=any_of_them, emoji=st.sampled_from("👍🎉"), added=st.booleans())
    def react(self, who: int, which: int, emoji: str, added: bool) -> None:
        self.run(self.play.react(who, *self.message(which), emoji, added=added))

    @rule(who=who, which=any_of_them, pinned=st.booleans())
    def pin(self, who: int, which: int, pinned: bool) -> None:
        self.run(self.play.pin(who, *self.message(which), pinned=pinned))

    @rule(who=who, which=any_of_them)
    def read(self, who: int, which: int) -> None:
        self.run(self.play.read(who, *self.message(which)))

    @rule(who=who, place=places, whom=who)
    def add(self, who: int, place: int, whom: int) -> None:
        self.run(self.play.put(who, self.play.model.places[place], whom, None))

    @rule(who=who, place=places, whom=who, role=st.sampled_from(("owner", "admin", "member")))
    def give(self, who: int, place: int, whom: int, role: str) -> None:
        """`owner` hands the conversation over."""
        self.run(self.play.put(who, self.play.model.places[place], whom, role))

    @rule(who=who, place=places, whom=who)
    def remove(self, who: int, place: int, whom: int) -> None:
        """Oneself: to leave."""
        self.run(self.play.remove(who, self.play.model.places[place], whom))

    @rule(who=who, whom=who, blocked=st.booleans())
    def block(self, who: int, whom: int, blocked: bool) -> None:
        self.run(self.play.block(who, whom, blocked=blocked))

    @rule(who=who)
    def disconnect(self, who: int) -> None:
        self.run(self.play.followers[who].disconnect())

    @rule(who=who)
    def connect(self, who: int) -> None:
        self.run(self.play.followers[who].connect())

    @rule()
    def cut(self) -> None:
        self.run(self.play.cut())

    @rule(who=who)
    def remember(self, who: int) -> None:
        follower = self.play.followers[who]
        follower.remembered.append(follower.view.copy())

    @rule(who=who, which=any_of_them)
    def sync_with_an_old_cursor(self, who: int, which: int) -> None:
        self.run(self.play.catch_up(who, which))

    @invariant()
    def all_see_what_must_be(self) -> None:
        self.run(self.play.settle())
        self.is_sound = True
        self.tally["steps"] += 1

    def teardown(self) -> None:
        try:
            if self.is_sound:
                self.run(self.play.finish())
                self.tally["runs"] += 1
                self.tally["events pushed"] += self.play.pushed
        finally:
            self.run(self.play.close())


def test_everybody_is_shown_what_must_be(local: LocalSystem, size: Size, report: Report) -> None:
    """In a loop of its own: Hypothesis is not asynchronous."""
    tally, loop = Counter[str](), asyncio.new_event_loop()
    machine = type("Machine", (Conversations,), {"local": local, "loop": loop, "tally": tally})
    full = size(0, 1)
    try:
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=size(6, 200),
                stateful_step_count=size(15, 50),
                derandomize=True,
                database=None,
                deadline=None,
                phases=[Phase.generate, Phase.shrink] if full else [Phase.generate],
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        loop.close()
        report("R17 model", **dict(sorted(tally.items())))
    assert tally["runs"] >= size(6, 200)
