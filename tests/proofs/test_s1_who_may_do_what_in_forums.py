"""S1 in forums: every route of theirs × everybody who may and who may not, where all may read and
where only members may."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pytest

from cgraph.core.policies import Policy
from tests.conftest import Report, Size
from tests.proofs.cast import NO_SOCKET, Answer, in_turn
from tests.proofs.declared import Refused, declared, function_of
from tests.proofs.forum_cast import MODERATING, ForumCast, ForumStage, Stander
from tests.proofs.forum_scenes import BY_ITSELF, ForumThings
from tests.proofs.recipes import FORUM_RECIPES, Recipe
from tests.system import System

NOT_ALLOWED: Refused = (403, "not_allowed")
HAND_OVER: Refused = (409, "ownership_transfer_required")
NO_MEMBER: Refused = (404, "member_not_found")
NOTHING: Refused = (404, "nothing_to_appeal")

FINER: Mapping[tuple[str, Stander], Refused] = {
    ("leave_forum", Stander.OWNER): HAND_OVER,
    ("remove_forum_member, oneself", Stander.OWNER): HAND_OVER,
    ("remove_forum_member, oneself", Stander.FORMER): NO_MEMBER,
    ("remove_forum_member, oneself", Stander.VISITOR): NO_MEMBER,
    ("remove_forum_member, oneself", Stander.ELSEWHERE): NO_MEMBER,
    ("vote_on_post", Stander.AUTHOR): (403, "own_vote"),
    ("vote_on_comment", Stander.AUTHOR): (403, "own_vote"),
    ("file_report", Stander.AUTHOR): (422, "invalid_report"),
    **{("make_appeal", each): NOTHING for each in Stander if each is not Stander.AUTHOR},
}
"""What the policy allows, and a rule about one's own things does not."""


@dataclass(frozen=True, slots=True)
class Cell:
    """`expected`: None is success."""

    name: str
    stander: Stander
    recipe: Recipe
    expected: Refused | None


def cells(stage: ForumStage, standers: Iterable[Stander] = Stander) -> list[Cell]:
    asked = declared()
    return [
        Cell(
            name,
            stander,
            recipe,
            expected(name, recipe, asked[function_of(name)].policy, stage, stander),
        )
        for stander in standers
        for name, recipe in FORUM_RECIPES.items()
    ]


def expected(
    name: str, recipe: Recipe, policy: Policy, stage: ForumStage, stander: Stander
) -> Refused | None:
    """From the policy's fields, on purpose not by `policies.allows`."""
    if stander is Stander.ANONYMOUS:
        return (401, NO_SOCKET if recipe.action else "authentication_required")
    role = stage.role(stander)
    if policy.roles or policy.author or policy.target:
        if role is None:
            return recipe.hidden
        is_author = policy.author and stander is Stander.AUTHOR
        is_oneself = policy.target and recipe.about == "oneself"
        if not (role in policy.roles or is_author or is_oneself):
            return NOT_ALLOWED
    return FINER.get((name, stander))


@pytest.mark.parametrize("visibility", ["private", "public"])
async def test_only_who_may_does_in_forums(
    system: System, visibility: str, size: Size, report: Report
) -> None:
    """Usually, of the public one, only for those who are somebody in it and nobody in the other."""
    few = visibility == "public" and not size(0, 1)
    standers = (Stander.VISITOR, Stander.BANNED) if few else tuple(Stander)
    cast = await ForumCast.gather(system)
    try:
        stage = await ForumStage.make(cast, visibility=visibility)
        some = cells(stage, standers)
        wrong = await play(stage, some)
    finally:
        await cast.close()
    report(
        f"S1 who may do what in a {visibility} forum",
        routes=len({function_of(cell.name) for cell in some}),
        standers=len(standers),
        cells=len(some),
        allowed=sum(cell.expected is None for cell in some),
        refused=sum(cell.expected is not None for cell in some),
        otherwise=len(wrong),
    )
    assert not wrong, "not as declared:\n" + "\n".join(wrong)


async def play(stage: ForumStage, some: Sequence[Cell]) -> list[str]:
    """What was not as expected, a line each. First all that is refused, on the same things: they
    are the same afterwards. Who comes and goes does so last, when nobody needs them to be there."""
    before = await stage.seen()
    wrong = await _all(stage, [cell for cell in some if cell.expected is not None])
    for was, now in zip(before, await stage.seen(), strict=True):
        if was != now:
            wrong.append(f"refused, and yet it changed {was} to {now}")
    allowed = [cell for cell in some if cell.expected is None]
    wrong += await _all(stage, [cell for cell in allowed if cell.name not in BY_ITSELF])
    return wrong + await _all(stage, [cell for cell in allowed if cell.name in BY_ITSELF])


async def _all(stage: ForumStage, some: Sequence[Cell]) -> list[str]:
    async def one_after_the_other(stander: Stander) -> list[str]:
        found = [await _wrong(stage, cell) for cell in some if cell.stander is stander]
        return [line for line in found if line]

    return await in_turn(Stander, one_after_the_other)


async def _wrong(stage: ForumStage, cell: Cell) -> str:
    """Empty where it is right."""
    actor, fresh = stage.cast[cell.stander], cell.expected is None
    things = ForumThings(stage, actor, fresh=fresh)
    answer = await actor.call(
        await things.fill(cell.recipe.ask), await things.fill(cell.recipe.body)
    )
    if answer.refusal != cell.expected:
        return (
            f"{cell.name} by {cell.stander} where it is {stage.visibility}: "
            f"{answer.refusal or 'success'}, not {cell.expected or 'success'}: {answer.text[:300]}"
        )
    if fresh:
        await things.put_back(cell.name)
    leak = _leak(cell, stage, answer)
    return leak and f"{cell.name} by {cell.stander} where it is {stage.visibility}: {leak}"


def _leak(cell: Cell, stage: ForumStage, answer: Answer) -> str:
    reads = stage.role(cell.stander) is not None
    socket = stage.cast[cell.stander].socket
    texts = [answer.text, *(socket.texts if socket else ())]
    if not reads and any(stage.canary in text for text in texts):
        return "told what was said"
    if (
        cell.stander not in MODERATING
        and cell.name != "file_report"
        and stage.secret in answer.text
    ):
        return "told what moderators say"
    shows = cell.recipe.shows
    if shows and cell.expected is None and shows(answer.document, f"forum:{stage.id}") != reads:
        return "told of the forum whom it should not, or not whom it should"
    return ""
