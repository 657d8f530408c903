"""S2 in forums: each write there is sent what only the system may say, and keeps none of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.conftest import Report, Size
from tests.proofs.cast import in_turn
from tests.proofs.declared import declared, function_of
from tests.proofs.forum_cast import ROLES, ForumCast, ForumStage, Stander
from tests.proofs.forum_scenes import BY_ITSELF, ForumThings
from tests.proofs.recipes import FORUM_RECIPES, Recipe
from tests.proofs.test_s1_who_may_do_what_in_forums import expected
from tests.proofs.test_s2_mass_assignment import PRIVILEGED, Tally, marked_tables, marks_in
from tests.system import LocalSystem, System

LEAST_FIRST = (Stander.MEMBER, Stander.AUTHOR, Stander.MODERATOR, Stander.OWNER)


@dataclass(frozen=True, slots=True)
class Write:
    """`by`: the one with the least rights of those who may."""

    name: str
    recipe: Recipe
    by: Stander
    privileged: tuple[str, ...]


async def test_what_only_the_system_says_is_never_kept_in_forums(
    system: System, size: Size, report: Report
) -> None:
    cast, tally = await ForumCast.gather(system), Tally()
    try:
        stage = await ForumStage.make(cast, visibility="public")
        some = writes(stage)
        before = await roles(stage)
        await send_all(stage, some, tally, one_by_one=bool(size(0, 1)))
        if (after := await roles(stage)) != before:
            tally.wrong.append(f"roles from {before} to {after}")
        tally.wrong += [f"read back: {mark}" for mark in marks_in(str(await stage.seen()))]
    finally:
        await cast.close()
    if isinstance(system, LocalSystem):
        tally.wrong += marked_tables(system)
    report(
        "S2 mass assignment in forums",
        writes=len(some),
        fields=len(PRIVILEGED),
        requests=tally.outcomes.total(),
        **tally.outcomes,
        kept=len(tally.wrong),
    )
    assert not tally.wrong, "\n".join(tally.wrong)


def writes(stage: ForumStage) -> list[Write]:
    asked, found = declared(), []
    for name, recipe in FORUM_RECIPES.items():
        function = asked[function_of(name)]
        if recipe.about or recipe.ask.startswith("GET "):
            continue
        who = [
            stander
            for stander in LEAST_FIRST
            if expected(name, recipe, function.policy, stage, stander) is None
        ]
        left = tuple(each for each in PRIVILEGED if each not in function.fields)
        found.append(Write(name, recipe, who[0], left))
    return found


async def send_all(
    stage: ForumStage, some: Sequence[Write], tally: Tally, *, one_by_one: bool
) -> None:
    """All the fields at once, and then one by one; who comes and goes does so at the end."""

    async def one_after_the_other(stander: Stander) -> list[str]:
        for write in turn:
            if write.by is stander:
                await send(stage, write, write.privileged, tally)
                for name in write.privileged if one_by_one else ():
                    await send(stage, write, (name,), tally)
        return []

    for last in (False, True):
        turn = [write for write in some if (write.name in BY_ITSELF) is last]
        await in_turn(LEAST_FIRST, one_after_the_other)


async def send(stage: ForumStage, write: Write, names: Sequence[str], tally: Tally) -> None:
    """In the body, and in the address too."""
    things = ForumThings(stage, stage.cast[write.by], fresh=True)
    ask, body = await things.fill(write.recipe.ask), await things.fill(write.recipe.body)
    added = {name: PRIVILEGED[name] for name in names}
    if write.recipe.action is None:
        ask += "?" + "&".join(f"{name}={added[name]}" for name in names)
    answer = await stage.cast[write.by].call(ask, {**added, **(body or {})})
    outcome = "ignored" if answer.refusal is None else f"{answer.status} {answer.code}"
    tally.outcomes[outcome] += 1
    if outcome not in ("ignored", "422 unknown_field"):
        tally.wrong.append(f"{write.name} with {', '.join(names)}: {outcome}")
    if answer.refusal is None and (told := marks_in(answer.text)):
        tally.wrong.append(f"{write.name} answers {', '.join(told)}")
    if answer.refusal is None:
        await things.put_back(write.name)


async def roles(stage: ForumStage) -> dict[Stander, str | None]:
    """What each is told that they are."""
    return {
        stander: (await stage.do(stander, f"GET /forums/{stage.slug}"))["role"] for stander in ROLES
    }
