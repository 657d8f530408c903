"""The proof R23 fails where one thing is broken: each scene passes on the sound schema and fails on
a broken one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from tests.feature.notifications.model_run import ModelRun
from tests.feature.notifications.model_state import OWNER
from tests.feature.world import World
from tests.proofs.broken import Mutation, broken_schema

pytestmark = pytest.mark.usefixtures("only_in_full")
"""test_r23_model.py proves in `make test` what these scenes do."""

SCHEMA = "infra/schema/notifications"
AT_ONCE, QUIET = 1, 2
"""Who gets mails at once, and who has quiet hours: see ModelRun.start()."""


async def told_again(run: ModelRun) -> None:
    await run.rewind()


async def leaves(run: ModelRun) -> None:
    await mention(run, 3)
    await run.leave_or_join(3, is_removed=False)


async def is_muted(run: ModelRun) -> None:
    await run.mute(QUIET, muted=True)
    await mention(run, QUIET)
    await run.mute(QUIET, muted=False)


async def is_blocked(run: ModelRun) -> None:
    await run.comment(QUIET, 0, None)
    await run.block(QUIET, 3, blocked=True)
    await run.comment(3, 0, None)
    await run.compare()
    await run.block(QUIET, 3, blocked=False)


async def is_deleted(run: ModelRun) -> None:
    await mention(run, QUIET)
    await run.delete(len(run.messages) - 1)


async def reads_in_time(run: ModelRun) -> None:
    """Before the push, and what was pushed before the mail."""
    for seconds in (11, 310):
        await mention(run, AT_ONCE)
        await run.deliver(11, how="once")
        await mention(run, AT_ONCE)
        await run.mark_read(AT_ONCE, len(run.messages) - 1)
        await run.compare()
        await run.deliver(seconds, how="at once")


async def raises_what_was_mailed(run: ModelRun) -> None:
    for _ in range(2):
        await mention(run, AT_ONCE)
        await run.deliver(310, how="killed")


async def sleeps(run: ModelRun) -> None:
    """At 23:00 of their time zone, which is 17:30 UTC."""
    run.now = run.now.replace(hour=17, minute=30) + timedelta(days=1)
    await mention(run, QUIET)
    await run.deliver(11, how="once")


async def mention(run: ModelRun, user: int) -> None:
    await run.send(OWNER, to_group=True, mentioned=user, broadcast="", quoted=0)
    await run.compare()


@dataclass(frozen=True, slots=True)
class Case:
    scene: Callable[[ModelRun], Awaitable[None]]
    mutations: tuple[Mutation, ...]
    shows: str
    """What the failed comparison has."""


def case(
    scene: Callable[[ModelRun], Awaitable[None]], shows: str, file: str, *changes: tuple[str, str]
) -> Case:
    mutations = (Mutation(f"{SCHEMA}/{file}", before, after) for before, after in changes)
    return Case(scene, tuple(mutations), shows)


CASES = {
    "what comes again counts again": case(
        told_again,
        r"\[\('invitation', [2-9], 1, .*\[\('invitation', 1, 1, ",
        "making.sql",
        (
            "        WHERE NOT EXISTS (SELECT FROM notification_sources s"
            " WHERE s.user_id = c.user_id AND s.source_id = c.source_id)\n",
            "",
        ),
        (
            "AND each.group_key = c.group_key;\n",
            "AND each.group_key = c.group_key WHERE true ON CONFLICT DO NOTHING;\n",
        ),
    ),
    "nothing is withdrawn from those who leave": case(
        leaves,
        "'unread': 2.*'unread': 0",
        "consuming.sql",
        (
            "FROM jsonb_array_elements(left_places) AS gone",
            "FROM jsonb_array_elements('[]') AS gone",
        ),
    ),
    "what is deleted still counts": case(
        is_deleted,
        "'unread': 2.*'unread': 1",
        "consuming.sql",
        ("s.text_id = ANY (texts) AND s", "s.text_id = ANY ('{}') AND s"),
    ),
    "a mute is ignored": case(
        is_muted, "mention", "rules.sql", ("WHEN cm.muted_until > now() THEN", "WHEN false THEN")
    ),
    "a block is ignored": case(
        is_blocked,
        "unread",
        "rules.sql",
        ("IF candidate.actor_id IS NOT NULL AND is_block", "IF false AND is_block"),
    ),
    "what was read is sent": case(
        reads_in_time,
        "push",
        "deliveries.sql",
        ("WHEN n.read_at IS NOT NULL THEN 'read'", "WHEN false THEN 'read'"),
        (
            "UPDATE deliveries d SET cancelled_at = now_at, reason = 'read'\n    WHERE ",
            "UPDATE deliveries d SET cancelled_at = now_at, reason = 'read'\n    WHERE false AND ",
        ),
    ),
    "what was mailed is mailed again": case(
        raises_what_was_mailed,
        "mail",
        "deliveries.sql",
        (
            "    ON CONFLICT ON CONSTRAINT deliveries_pkey DO NOTHING;",
            "    ON CONFLICT ON CONSTRAINT deliveries_pkey DO UPDATE SET sent_at = NULL;",
        ),
    ),
    "quiet hours are ignored": case(
        sleeps,
        "push",
        "deliveries.sql",
        ("    IF quiet_from IS NULL OR", "    IF true OR"),
    ),
}


async def test_all_scenes_are_as_the_reference_says(world: World) -> None:
    run = await ModelRun.start(world, tally=Counter())
    for case in CASES.values():
        await case.scene(run)
        await run.compare()
    assert run.tally["sent by push"] > 0
    assert run.tally["sent by mail"] > 0


@pytest.mark.parametrize("name", CASES)
async def test_the_proof_fails_where(world: World, name: str) -> None:
    case = CASES[name]
    with broken_schema(world, *case.mutations):
        run = await ModelRun.start(world, tally=Counter())
        await run.compare()
        with pytest.raises(AssertionError, match=case.shows):
            await case.scene(run)
            await run.compare()
