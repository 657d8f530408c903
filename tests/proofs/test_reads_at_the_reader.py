"""Each route that reads: at the replica for a caller who has not changed anything lately, at the
primary for one who has."""

from __future__ import annotations

import asyncio

import pytest

from tests.conftest import Report
from tests.proofs.personas import MODERATORS, Actor, Persona, registered
from tests.proofs.replicated import Watch, forget_changes, watching
from tests.proofs.route_cases import RouteCase, Target
from tests.proofs.scenes import CONVERSATION, PRIVATE_FORUM, Scene, SceneKind
from tests.system import LocalSystem

WITHOUT_DATABASE = {"check_health", "check_readiness", "show_limits"}
MAY_WRITE = {"show_push_key", "show_unsubscribe_page"}
"""They need a key of the installation, and the first one to need it makes it: at the primary."""
MAY_WRITE |= {"show_email_page", "show_reset_page"}
"""A mail may be read sooner than the replica has its token."""


@pytest.mark.parametrize("kind", (CONVERSATION, PRIVATE_FORUM), ids=lambda kind: kind.title)
async def test_each_read_is_at_the_replica_unless_its_caller_has_just_written(
    replicated: LocalSystem, kind: SceneKind, report: Report
) -> None:
    wrong, cases = [], 0
    async with registered(replicated, (*MODERATORS, Persona.MEMBER, Persona.AUTHOR)) as personas:
        scene = await kind.create(personas)
        owner = personas[Persona.OWNER]
        with watching(replicated) as watch, replicated.held_nudges():
            for name, case in kind.cases.items():
                if case.is_read and name not in WITHOUT_DATABASE:
                    cases += 1
                    wrong += await try_twice(replicated, watch, scene, owner, name, case)
    report(f"reads at the reader in {kind.title}", routes=cases, otherwise=len(wrong))
    assert (cases > 10, wrong) == (True, [])


async def try_twice(
    system: LocalSystem, watch: Watch, scene: Scene, actor: Actor, name: str, case: RouteCase
) -> list[str]:
    """A timer's statements may be among those of the first time."""
    for _ in range(2):
        if not (wrong := await try_both(system, watch, scene, actor, name, case)):
            break
    return wrong


async def try_both(
    system: LocalSystem, watch: Watch, scene: Scene, actor: Actor, name: str, case: RouteCase
) -> list[str]:
    operation = await scene.placeholders(actor, fresh=False).fill(case.operation)
    expected = case.hidden if case.target is Target.OTHER_USER else None
    wrong = []
    for has_written in (False, True):
        if has_written:
            await actor.succeed("PATCH /me", {"bio": f"before {name}"})
        else:
            await asyncio.to_thread(watch.await_replay)
            forget_changes(system, actor.person)
        before = watch.statements()
        response = await actor.call(operation)
        primary, replica = (
            now - then for now, then in zip(watch.statements(), before, strict=True)
        )
        at_primary = has_written or name in MAY_WRITE
        at_the_right_one = (primary > 0, replica > 0) == (at_primary, not at_primary)
        if response.refusal != expected or not at_the_right_one:
            done = "has written" if has_written else "has not written"
            wrong.append(
                f"{name}, whose caller {done}: {primary} statements at the primary, {replica} at "
                f"the replica; {response.text[:200]}"
            )
    return wrong


async def test_readiness_shows_how_far_the_reader_is_behind(replicated: LocalSystem) -> None:
    person = await replicated.new_person()
    shown = (await person.get("/health/ready"))["dependencies"]

    assert shown.keys() == {"database", "cache", "queues", "database_reader"}
    assert shown["database_reader"]["ok"]
    assert 0 <= shown["database_reader"]["lag_ms"] < 5000
    assert shown["database"]["lag_ms"] is None
