"""R23: whatever people do, whenever the consumer dies and whatever is delivered again, each is told
what the reference says, once, and no badge lies. What they have not read goes out once, when it is
due, and nothing of what they have."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from tests.conftest import Report, Size
from tests.feature.notifications.model_run import ModelRun
from tests.feature.notifications.model_state import PEOPLE
from tests.feature.world import World

users = st.integers(0, PEOPLE - 1)
choices = st.integers(0, 1000)
levels = st.sampled_from(("everything", "mentions", "nothing"))
broadcasts = st.sampled_from(("", "", "everyone", "here"))
rhythms = st.sampled_from(("off", "immediate", "hourly", "daily"))
ways = st.sampled_from(("once", "at once", "killed"))

HOW = settings(
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


class Notifications(RuleBasedStateMachine):
    """Each rule acts in the system and in the reference; then both must agree."""

    world: World
    loop: asyncio.AbstractEventLoop
    tally: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.model: ModelRun = self.run(ModelRun.start(self.world, tally=self.tally))

    def run(self, action: Coroutine[object, object, ModelRun | None]) -> ModelRun:
        return self.loop.run_until_complete(action)  # type: ignore[return-value]

    @rule(
        user=users,
        to_group=st.booleans(),
        mentioned=st.none() | users,
        broadcast=broadcasts,
        quoted=choices,
    )
    def send(
        self, user: int, to_group: bool, mentioned: int | None, broadcast: str, quoted: int
    ) -> None:
        self.run(
            self.model.send(
                user, to_group=to_group, mentioned=mentioned, broadcast=broadcast, quoted=quoted
            )
        )

    @rule(user=users, which=choices, taken_back=st.booleans())
    def react(self, user: int, which: int, taken_back: bool) -> None:
        self.run(self.model.react(user, which, taken_back=taken_back))

    @rule(which=choices)
    def delete(self, which: int) -> None:
        self.run(self.model.delete(which))

    @rule(user=users, which=choices)
    def mark_read(self, user: int, which: int) -> None:
        self.run(self.model.mark_read(user, which))

    @rule(user=users)
    def read_notifications(self, user: int) -> None:
        self.run(self.model.read_notifications(user))

    @rule(user=users, level=levels)
    def set_level(self, user: int, level: str) -> None:
        self.run(self.model.set_level(user, level))

    @rule(user=users, muted=st.booleans())
    def mute(self, user: int, muted: bool) -> None:
        self.run(self.model.mute(user, muted=muted))

    @rule(user=users, other=users, blocked=st.booleans())
    def block(self, user: int, other: int, blocked: bool) -> None:
        self.run(self.model.block(user, other, blocked=blocked))

    @rule(user=users, is_removed=st.booleans())
    def leave_or_join(self, user: int, is_removed: bool) -> None:
        self.run(self.model.leave_or_join(user, is_removed=is_removed))

    @rule(user=users, which=choices, mentioned=st.none() | users)
    def comment(self, user: int, which: int, mentioned: int | None) -> None:
        self.run(self.model.comment(user, which, mentioned))

    @rule()
    def publish(self) -> None:
        self.run(self.model.publish())

    @rule(user=users, level=levels)
    def follow_post(self, user: int, level: str) -> None:
        self.run(self.model.follow_post(user, level))

    @rule(user=users, level=levels)
    def follow_forum(self, user: int, level: str) -> None:
        self.run(self.model.follow_forum(user, level))

    @rule(which=choices)
    def delete_comment(self, which: int) -> None:
        self.run(self.model.delete_comment(which))

    @rule(which=choices)
    def remove_comment(self, which: int) -> None:
        self.run(self.model.remove_comment(which))

    @rule(user=users, mail=rhythms, push=st.booleans(), quiet=st.booleans())
    def prefer(self, user: int, mail: str, push: bool, quiet: bool) -> None:
        self.run(self.model.prefer(user, mail=mail, push=push, quiet=quiet))

    @rule(user=users)
    def change_devices(self, user: int) -> None:
        self.run(self.model.change_devices(user))

    @rule(seconds=st.sampled_from((1, 11, 61)), how=ways)
    def deliver_pushes(self, seconds: int, how: str) -> None:
        """Before and after the first push, and after the second one."""
        self.run(self.model.deliver(seconds, how=how))

    @rule(seconds=st.sampled_from((310, 3600, 6 * 3600)), how=ways)
    def deliver_mails(self, seconds: int, how: str) -> None:
        """After a mail at once, a digest, and quiet hours."""
        self.run(self.model.deliver(seconds, how=how))

    @rule(user=users, which=choices, place=choices)
    def mention_while_the_consumer_dies(self, user: int, which: int, place: int) -> None:
        self.run(self.model.comment(user, which, which % PEOPLE))
        self.run(self.model.kill_consumer(place))

    @rule(user=users, mentioned=users)
    def mention_while_two_consume(self, user: int, mentioned: int) -> None:
        self.run(self.model.send(user, to_group=True, mentioned=mentioned, broadcast="", quoted=0))
        self.run(self.model.consume_twice_at_once())

    @rule()
    def deliver_again(self) -> None:
        self.run(self.model.rewind())

    @invariant()
    def all_are_told_what_the_reference_says(self) -> None:
        self.run(self.model.compare())

    def teardown(self) -> None:
        self.run(self.model.rewind())
        self.run(self.model.compare())
        for user in range(PEOPLE):
            self.run(self.model.compare_api(user))
        self.tally["runs"] += 1


@pytest.mark.timeout(7200)
async def test_everybody_is_told_what_the_reference_says(
    world: World, size: Size, report: Report
) -> None:
    """In a thread and an event loop of its own, as R17."""
    tally, runs = Counter[str](), size(4, 200)
    how = settings(
        HOW,
        max_examples=runs,
        stateful_step_count=size(16, 50),
        phases=[Phase.generate, *size((), (Phase.shrink,))],
    )
    try:
        await asyncio.to_thread(run_machine, world, tally, how)
    finally:
        report("R23 notifications", **dict(sorted(tally.items())))
    assert tally["runs"] >= runs
    assert tally["rewinds"] >= runs
    assert tally["kills"] > 0
    for counted in size((), ("sent by push", "sent by mail", "deliveries cancelled")):
        assert tally[counted] > 0, counted


def run_machine(world: World, tally: Counter[str], how: settings) -> None:
    loop = asyncio.new_event_loop()
    own = replace(world, _connections=[])
    machine = type("Machine", (Notifications,), {"world": own, "loop": loop, "tally": tally})
    try:
        run_state_machine_as_test(machine, settings=how)
    finally:
        loop.run_until_complete(own.close())
        loop.close()
