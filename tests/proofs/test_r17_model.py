"""R17: whatever three people do, in any order, with sockets that open and close: each of them shows
what a model without a database expects, and receives nothing of conversations they are not in."""

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
from tests.proofs.model import ModelConversation, ModelMessage
from tests.proofs.model_run import PEOPLE, ModelRun
from tests.system import LocalSystem

RUNS = 3
"""Of the fast variant, with as many steps as there are rules: to begin takes longer than a step."""

users = st.integers(0, PEOPLE - 1)
conversations = st.sampled_from((0, 0, 0, 1, 1, 2))
choices = st.integers(0, 1000)


class Conversations(RuleBasedStateMachine):
    """Each rule acts in the system and in the model at once; then both must agree."""

    local: LocalSystem
    loop: asyncio.AbstractEventLoop
    tally: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.model_run = self.loop.run_until_complete(ModelRun.start(self.local, tally=self.tally))
        self.is_sound = False

    def run(self, action: Coroutine[object, object, None]) -> None:
        self.is_sound = False
        self.loop.run_until_complete(action)

    def conversation(self, which: int) -> ModelConversation:
        return self.model_run.model.conversations[which]

    def message(
        self, which: int, *, author: int | None = None
    ) -> tuple[ModelConversation, ModelMessage]:
        """`author`: one of that user's, where they have any."""
        all_pairs = [
            (conversation, message)
            for conversation in self.model_run.model.conversations
            for message in conversation.messages
        ]
        pairs = all_pairs
        if author is not None:
            id = self.model_run.followers[author].id
            pairs = [pair for pair in all_pairs if pair[1].author == id] or all_pairs
        return pairs[which % len(pairs)]

    @rule(user=users, conversation=conversations, mentioned=st.none() | users)
    def send(self, user: int, conversation: int, mentioned: int | None) -> None:
        target = self.conversation(conversation)
        self.run(self.model_run.send(user, target, quoted=None, mentioned=mentioned))

    @rule(user=users, which=choices)
    def reply(self, user: int, which: int) -> None:
        conversation, message = self.message(which)
        self.run(self.model_run.send(user, conversation, quoted=message, mentioned=None))

    @rule(user=users, which=choices, own=st.booleans(), versions_behind=st.sampled_from((0, 0, 1)))
    def edit(self, user: int, which: int, own: bool, versions_behind: int) -> None:
        conversation, message = self.message(which, author=user if own else None)
        version = max(1, message.version - versions_behind)
        self.run(self.model_run.edit(user, conversation, message, version=version))

    @rule(user=users, which=choices, own=st.booleans())
    def delete(self, user: int, which: int, own: bool) -> None:
        target = self.message(which, author=user if own else None)
        self.run(self.model_run.delete(user, *target))

    @rule(user=users, which=choices, emoji=st.sampled_from("👍🎉"), added=st.booleans())
    def react(self, user: int, which: int, emoji: str, added: bool) -> None:
        self.run(self.model_run.react(user, *self.message(which), emoji, added=added))

    @rule(user=users, which=choices, pinned=st.booleans())
    def pin(self, user: int, which: int, pinned: bool) -> None:
        self.run(self.model_run.pin(user, *self.message(which), pinned=pinned))

    @rule(user=users, which=choices)
    def mark_read(self, user: int, which: int) -> None:
        self.run(self.model_run.mark_read(user, *self.message(which)))

    @rule(user=users, conversation=conversations)
    def mark_unread(self, user: int, conversation: int) -> None:
        self.run(self.model_run.mark_unread(user, self.conversation(conversation)))

    @rule(
        user=users,
        conversation=conversations,
        history=st.sampled_from(("all", "from_joining", "from_joining")),
    )
    def set_history(self, user: int, conversation: int, history: str) -> None:
        self.run(self.model_run.set_history(user, self.conversation(conversation), history))

    @rule(user=users, conversation=conversations, other=users)
    def add_member(self, user: int, conversation: int, other: int) -> None:
        self.run(self.model_run.put_member(user, self.conversation(conversation), other, None))

    @rule(
        user=users,
        conversation=conversations,
        other=users,
        role=st.sampled_from(("owner", "admin", "member")),
    )
    def change_role(self, user: int, conversation: int, other: int, role: str) -> None:
        """`owner` transfers the ownership."""
        self.run(self.model_run.put_member(user, self.conversation(conversation), other, role))

    @rule(user=users, conversation=conversations, other=users)
    def remove_member(self, user: int, conversation: int, other: int) -> None:
        """Where both are the same user, they leave."""
        self.run(self.model_run.remove_member(user, self.conversation(conversation), other))

    @rule(user=users, other=users, blocked=st.booleans())
    def block(self, user: int, other: int, blocked: bool) -> None:
        self.run(self.model_run.block(user, other, blocked=blocked))

    @rule(user=users)
    def disconnect(self, user: int) -> None:
        self.run(self.model_run.followers[user].disconnect())

    @rule(user=users)
    def connect(self, user: int) -> None:
        self.run(self.model_run.followers[user].connect())

    @rule()
    def cut_sockets(self) -> None:
        self.run(self.model_run.cut_sockets())

    @rule(user=users)
    def remember_state(self, user: int) -> None:
        self.model_run.followers[user].remember_state()

    @rule(user=users, which=choices)
    def catch_up(self, user: int, which: int) -> None:
        self.run(self.model_run.catch_up(user, which))

    @invariant()
    def clients_show_what_the_model_expects(self) -> None:
        self.run(self.model_run.settle())
        self.is_sound = True
        self.tally["steps"] += 1

    def teardown(self) -> None:
        try:
            if self.is_sound:
                self.run(self.model_run.finish())
                self.tally["runs"] += 1
                self.tally["events pushed"] += self.model_run.pushed
        finally:
            self.run(self.model_run.close())


async def test_every_client_shows_what_the_model_expects(
    local: LocalSystem, size: Size, report: Report
) -> None:
    """In a thread and an event loop of its own: Hypothesis is not asynchronous, and the loop of the
    tests has to see meanwhile that connections of theirs end.
    """
    tally, runs = Counter[str](), size(RUNS, 200)
    how = settings(
        max_examples=runs,
        stateful_step_count=size(25, 50),
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate, *size((), (Phase.shrink,))],
        suppress_health_check=list(HealthCheck),
    )
    try:
        await asyncio.to_thread(run_machine, local, tally, how)
    finally:
        report("R17 model", **dict(sorted(tally.items())))
    assert tally["runs"] >= runs


def run_machine(local: LocalSystem, tally: Counter[str], how: settings) -> None:
    loop = asyncio.new_event_loop()
    machine = type("Machine", (Conversations,), {"local": local, "loop": loop, "tally": tally})
    try:
        run_state_machine_as_test(machine, settings=how)
    finally:
        loop.close()
