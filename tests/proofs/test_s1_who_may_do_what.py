"""S1: every route and every action × everybody who may and who may not; nothing else succeeds."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import Report, Size
from tests.person import Document
from tests.proofs.broken import Mutation, broken_system
from tests.proofs.cast import ALL, ROLES, Answer, Cast, Persona, gathered, in_turn
from tests.proofs.declared import Refused, declared, expected, function_of
from tests.proofs.recipes import FORUM_RECIPES, RECIPES, Recipe
from tests.proofs.scenes import Stage, Things, put_back
from tests.system import System

NOTHING_ASKED = (
    Mutation(
        "layers/cgraph/cgraph/policies.py",
        was="    if standing is None:\n        raise hidden\n",
        becomes="    if standing is None:\n        return\n",
    ),
    Mutation(
        "layers/cgraph/cgraph/policies.py",
        was="    if not admits(policy, standing):\n",
        becomes="    if not admits(policy, standing) and not standing.role:\n",
    ),
)
"""Whoever has nothing to do with the thing is let through, and every role may everything."""


@dataclass(frozen=True, slots=True)
class Cell:
    name: str
    persona: Persona
    recipe: Recipe
    expected: Refused | None
    """None is success."""


def cells(
    personas: Iterable[Persona] = Persona, names: Collection[str] = RECIPES.keys()
) -> list[Cell]:
    asked = declared()
    return [
        Cell(
            name, persona, recipe, expected(name, recipe, asked[function_of(name)].policy, persona)
        )
        for persona in personas
        for name, recipe in RECIPES.items()
        if name in names and function_of(name) in asked
    ]


def test_every_route_and_action_has_a_recipe() -> None:
    routes, recipes = declared(), {**RECIPES, **FORUM_RECIPES}
    assert {function_of(name) for name in recipes} == routes.keys(), "tests/proofs/recipes.py"
    for name, recipe in recipes.items():
        route = routes[function_of(name)].ask
        parts = (re.escape(part) for part in re.split(r"\{\w+\}", route))
        assert re.fullmatch("[^/]+".join(parts), recipe.ask.partition("?")[0]), (name, route)


async def test_only_who_may_does(system: System, size: Size, report: Report) -> None:
    all_cells = cells()
    async with gathered(system) as cast:
        if size(0, 1):
            wrong = await play_apart(cast, all_cells)
        else:
            wrong = await play(await Stage.make(cast, ALL), all_cells)
    report(
        "S1 who may do what",
        routes_and_actions=len({function_of(cell.name) for cell in all_cells}),
        personas=len(Persona),
        cells=len(all_cells),
        allowed=sum(cell.expected is None for cell in all_cells),
        refused=sum(cell.expected is not None for cell in all_cells),
        otherwise=len(wrong),
    )
    check(wrong)


async def test_where_nothing_is_asked_this_proof_fails(tmp_path: Path, report: Report) -> None:
    personas = (Persona.MEMBER, Persona.FORMER, Persona.STRANGER)
    names = {"change_conversation", "show_conversation", "list_messages", "mark_read", "read"}
    some = cells(personas, names)
    everybody = (Persona.OWNER, Persona.AUTHOR, *personas)
    async with (
        broken_system(tmp_path, *NOTHING_ASKED) as system,
        gathered(system, everybody) as cast,
    ):
        wrong = await play(await Stage.make(cast, personas), some)
    report("S1 where nothing is asked", cells=len(some), otherwise=len(wrong))
    with pytest.raises(AssertionError, match="not as declared"):
        check(wrong)
    assert any("change_conversation by member: success" in line for line in wrong)
    assert any("list_messages by stranger: " in line for line in wrong)


def check(wrong: Sequence[str]) -> None:
    assert not wrong, "not as declared:\n" + "\n".join(wrong)


async def play(stage: Stage, some: Sequence[Cell]) -> list[str]:
    """What was not as expected, a line each. First all that is refused, on the same things: they
    are the same afterwards."""
    refused = [cell for cell in some if cell.expected is not None]
    wrong = await _refused(stage, refused) if refused else []
    return wrong + await _all(stage, [cell for cell in some if cell.expected is None])


async def play_apart(cast: Cast, some: Sequence[Cell]) -> list[str]:
    """Each with conversations of its own."""

    async def one_after_the_other(persona: Persona) -> list[str]:
        wrong: list[str] = []
        for cell in some:
            if cell.persona is persona:
                wrong += await play(await Stage.make(cast, [persona]), [cell])
        return wrong

    return await in_turn(Persona, one_after_the_other)


async def _refused(stage: Stage, some: Sequence[Cell]) -> list[str]:
    before = await stage.seen()
    wrong = await _all(stage, some)
    if (after := await stage.seen()) != before:
        names = ", ".join(sorted({cell.name for cell in some}))
        wrong.append(f"refused, and yet it changed {_changed(before, after)}: {names}")
    return wrong


async def _all(stage: Stage, some: Sequence[Cell]) -> list[str]:
    async def one_after_the_other(persona: Persona) -> list[str]:
        found = [await _wrong(stage, cell) for cell in some if cell.persona is persona]
        return [line for line in found if line]

    return await in_turn(Persona, one_after_the_other)


async def _wrong(stage: Stage, cell: Cell) -> str:
    """Empty where it is right."""
    fresh = cell.expected is None
    if fresh and cell.recipe.about == "oneself":
        stage = await Stage.make(stage.cast, [cell.persona])
    actor = stage.cast[cell.persona]
    if fresh and cell.recipe.alone:
        actor = await actor.with_session_of_its_own()
    things = Things(stage, actor, fresh=fresh)
    answer = await actor.call(
        await things.fill(cell.recipe.ask), await things.fill(cell.recipe.body)
    )
    if answer.refusal != cell.expected:
        return f"{cell.name} by {cell.persona}: {_said(answer.refusal)}, not {_said(cell.expected)}"
    if leak := _leak(cell, stage, answer):
        return f"{cell.name} by {cell.persona}: {leak}"
    if fresh:
        await put_back(cell.name, things, answer)
    return ""


def _changed(before: Sequence[Document], after: Sequence[Document]) -> str:
    found = [
        f"{name} from {was.get(name)} to {now.get(name)}"
        for was, now in zip(before, after, strict=False)
        for name in was | now
        if was.get(name) != now.get(name)
    ]
    return "; ".join(found) or f"{len(before)} documents to {len(after)}"


def _leak(cell: Cell, stage: Stage, answer: Answer) -> str:
    if cell.persona not in ROLES and stage.canary in answer.text:
        return "told what was said"
    socket = stage.cast[cell.persona].socket
    if cell.persona not in ROLES and socket and any(stage.canary in text for text in socket.texts):
        return "pushed what was said"
    if cell.recipe.shows and cell.expected is None:
        stream = f"conv:{stage.conversation(cell.persona)}"
        if cell.recipe.shows(answer.document, stream) != (cell.persona in ROLES):
            return "told of the conversation whom it should not, or not whom it should"
    return ""


def _said(refusal: tuple[int, str | None] | None) -> str:
    return f"{refusal[0]} {refusal[1]}" if refusal else "success"
