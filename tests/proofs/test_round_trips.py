"""No route makes more round trips to Postgres, Valkey and SQS in its usual call than
docs/round-trips.md declares."""

from __future__ import annotations

import os
from collections.abc import Sequence

import pytest

from tests.conftest import Report
from tests.proofs.broken import Breakable, Mutation
from tests.proofs.personas import LEAST_RIGHTS_FIRST, Persona, registered
from tests.proofs.round_trips import (
    PAGE,
    Call,
    Cost,
    calls_in,
    costs_of,
    declared,
    label_of,
    most_trips,
    page,
    usual,
)
from tests.proofs.route_cases import ROUTE_CASES
from tests.proofs.scenes import CONVERSATION, INPUT_KINDS, Scene, SceneKind
from tests.system import LocalSystem

WRITTEN = os.environ.get("CGRAPH_ROUND_TRIPS", "").split()
"""As `make round-trips` sets it: `all`, or the names of route cases whose lines are written instead
of compared.
"""

CALLS = 3 if WRITTEN else 1
ASKS_TWICE = Mutation(
    "layers/cgraph/cgraph/chat/access.py",
    original="    membership = await queries.membership_of(tx, id=id, user_id=caller.id)\n",
    replacement="    await queries.membership_of(tx, id=id, user_id=caller.id)\n"
    "    membership = await queries.membership_of(tx, id=id, user_id=caller.id)\n",
)
FOLLOW = {Persona.OWNER, Persona.ADMIN, Persona.MEMBER}
_counted: dict[str, Cost] = {}


def test_every_route_declares_its_round_trips() -> None:
    """A route that nobody may call in a usual scene has none to declare."""
    names = {call.name for kind in INPUT_KINDS for call in calls_in(kind)}
    called = {name.partition(",")[0] for name in names}
    assert called == {name.partition(",")[0] for name in ROUTE_CASES}
    if not WRITTEN:
        missing = sorted({label_of(name) for name in names} - declared().keys())
        unknown = sorted(declared().keys() - {label_of(name) for name in names})
        assert not missing, f"{PAGE.name} lacks {missing}: run `make round-trips` and commit it"
        assert not unknown, f"{PAGE.name} has {unknown}, which no route case calls: run the same"


@pytest.mark.parametrize("kind", INPUT_KINDS, ids=lambda kind: kind.title)
async def test_a_route_makes_no_more_round_trips_than_it_declares(
    local: LocalSystem, kind: SceneKind, report: Report
) -> None:
    calls = [call for call in calls_in(kind) if is_counted(call.name)]
    costs = await costs_in(local, kind, calls) if calls else {}
    report(f"round trips in {kind.title}", routes=len(costs), calls=CALLS * len(costs))
    if WRITTEN:
        _counted.update({name: usual(some) for name, some in costs.items()})
        PAGE.write_text(page(_counted))
        return
    # On a slow machine a nudge may end before the answer does, and is sent again.
    suspects = [call for call in calls if is_above(call.name, costs[call.name])]
    check(costs | (await costs_in(local, kind, suspects) if suspects else {}))


async def test_the_proof_fails_where_a_route_asks_once_more(edged: Breakable) -> None:
    if WRITTEN:
        pytest.skip("the page is being written")
    names = ("list_members", "send_message")
    calls = [call for call in calls_in(CONVERSATION) if call.name in names]
    async with edged.broken(ASKS_TWICE) as system:
        costs = await costs_in(system, CONVERSATION, calls)
    with pytest.raises(AssertionError, match=r"GET /conversations/.*/members.*3 to Postgres"):
        check(costs)
    check({"send_message": costs["send_message"]})


def is_counted(name: str) -> bool:
    return not WRITTEN or WRITTEN == ["all"] or name.partition(",")[0] in WRITTEN


def check(costs: dict[str, list[Cost]]) -> None:
    wrong = [
        f"{label_of(name)} makes {most_trips(some)}; {PAGE.name} says {declared()[label_of(name)]}"
        for name, some in costs.items()
        if is_above(name, some)
    ]
    advice = "make it fewer, or run `make round-trips` and let the reviewer see the change"
    assert not wrong, "\n".join([*wrong, advice])


def is_above(name: str, costs: Sequence[Cost]) -> bool:
    """What the page declares."""
    most = declared().get(label_of(name))
    return most is not None and most_trips(costs).exceeds(most)


async def costs_in(local: LocalSystem, kind: SceneKind, calls: list[Call]) -> dict[str, list[Cost]]:
    personas = (*LEAST_RIGHTS_FIRST, Persona.BANNED)
    async with registered(local, [each for each in kind.personas if each in personas]) as people:
        scene = await kind.create(people)
        await follow(scene, kind)
        return {
            call.name: await costs_of(local, scene, call, times=CALLS, is_timed=bool(WRITTEN))
            for call in calls
        }


async def follow(scene: Scene, kind: SceneKind) -> None:
    """Sockets of some get what is pushed to the subscribers of the scene's stream."""
    for persona in FOLLOW & set(kind.roles):
        await scene.personas[persona].succeed("subscribe", {"streams": [scene.stream(persona)]})
