"""S1: every route and every socket action, called by every persona: what a policy does not allow is
refused, changes nothing and reveals nothing."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import groupby

import pytest

from cgraph.core.policies import Policy
from tests.conftest import Report, Size
from tests.person import Document
from tests.proofs.broken import Breakable, Mutation
from tests.proofs.cast import Cast
from tests.proofs.expectations import declared_functions, expected_refusal, function_of
from tests.proofs.personas import (
    MODERATORS,
    Persona,
    Personas,
    Response,
    gather_bounded,
    registered,
)
from tests.proofs.route_cases import ROUTE_CASES, Refusal, RouteCase
from tests.proofs.scenes import CONVERSATION, KINDS, Scene, SceneKind

NO_POLICY_ENFORCED = (
    Mutation(
        "layers/cgraph/cgraph/core/policies.py",
        original="    if context is None:\n        raise not_found\n",
        replacement="    if context is None:\n        return\n",
    ),
    Mutation(
        "layers/cgraph/cgraph/core/policies.py",
        original="    if not allows(policy, context):\n",
        replacement="    if not allows(policy, context) and not context.role:\n",
    ),
)
"""Callers without a relation to the resource are let in, and every role may do everything."""


@dataclass(frozen=True, slots=True)
class Cell:
    """`expected`: None is success."""

    name: str
    persona: Persona
    case: RouteCase
    expected: Refusal | None


OUTSIDE = (Persona.FORMER_MEMBER, Persona.STRANGER, Persona.BANNED, Persona.OTHER_OWNER)


def cells_of(
    kind: SceneKind,
    personas: Collection[Persona],
    names: Collection[str] = (),
    *,
    is_full: bool = True,
) -> list[Cell]:
    """All, or of the route cases with these names; those of one case together, so that the
    environments of its function are used again. Unless `is_full`, of the personas that nothing
    tells apart in a case only some try it, by turns.
    """
    declared, cells = declared_functions(), list[Cell]()
    for place, (name, case) in enumerate(kind.cases.items()):
        policy = declared[function_of(name)].policy
        if names and name not in names:
            continue
        of_case = [
            Cell(
                name,
                persona,
                case,
                expected_refusal(name, case, policy, kind=kind, persona=persona),
            )
            for persona in personas
        ]
        cells += of_case if is_full else by_turns(kind, of_case, policy, place)
    return cells


def by_turns(kind: SceneKind, cells: Sequence[Cell], policy: Policy, place: int) -> list[Cell]:
    """One of each group of cells with personas who are alike in this case; two of those who have
    no role, since each of them has lacked it in another way.
    """
    groups: dict[object, list[Cell]] = {}
    for cell in cells:
        groups.setdefault(_likeness(kind, cell, policy), []).append(cell)
    chosen = []
    for alike in groups.values():
        is_outside = all(cell.persona in OUTSIDE for cell in alike)
        number = min(len(alike), 1 + is_outside)
        chosen += [alike[(place + step) % len(alike)] for step in range(number)]
    return chosen


def _likeness(kind: SceneKind, cell: Cell, policy: Policy) -> object:
    """The same for personas whom neither the policy nor a rule tells apart in this case."""
    persona = cell.persona
    if persona in (Persona.REVOKED, Persona.ANONYMOUS):
        return "signed out"
    if not tells_apart(kind, cell.name):
        return "signed in"
    is_author = policy.author and persona is Persona.AUTHOR
    return kind.roles.get(persona), persona in kind.direct, is_author, cell.expected


def tells_apart(kind: SceneKind, name: str) -> bool:
    """Whether the route case depends on more than that the caller is signed in. In a forum each
    may show what only some may read.
    """
    case, policy = kind.cases[name], declared_functions()[function_of(name)].policy
    depends = policy.roles or policy.author or policy.direct or policy.target or case.target
    has_rule = any(each == name for each, _ in kind.rules)
    shows = kind is not CONVERSATION or case.shows is not None
    return bool(depends) or shows or has_rule


def test_every_route_and_socket_action_has_a_route_case() -> None:
    declared = declared_functions()
    assert {function_of(name) for name in ROUTE_CASES} == declared.keys(), (
        "tests/proofs/route_cases.py"
    )
    for name, case in ROUTE_CASES.items():
        operation = declared[function_of(name)].operation
        parts = (re.escape(part) for part in re.split(r"\{\w+\}", operation))
        called = case.operation.partition("?")[0]
        assert re.fullmatch("[^/]+".join(parts), called), (name, operation)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.title)
async def test_a_call_succeeds_only_where_the_policy_allows_it(
    cast: Cast, kind: SceneKind, size: Size, report: Report
) -> None:
    """With `--full` by all personas, and in a conversation each call in one of its own."""
    acting = size(kind.deciding, kind.personas)
    cells = cells_of(kind, acting, is_full=size(False, True))
    assert {cell.persona for cell in cells} == set(acting)
    async with cast.acting(kind.personas) as personas:
        if kind is CONVERSATION and size(False, True):
            wrong = await try_each_apart(kind, personas, cells)
        else:
            wrong = await try_all(await cast.scene(kind, personas), kind, cells)
    report(
        f"S1 permissions in {kind.title}",
        functions=len({function_of(cell.name) for cell in cells}),
        personas=len({cell.persona for cell in cells}),
        cells=len(cells),
        allowed=sum(cell.expected is None for cell in cells),
        refused=sum(cell.expected is not None for cell in cells),
        otherwise=len(wrong),
    )
    check(wrong)


async def test_the_proof_fails_where_no_policy_is_enforced(
    edged: Breakable, report: Report
) -> None:
    acting = (Persona.MEMBER, Persona.FORMER_MEMBER, Persona.STRANGER)
    names = {"change_conversation", "show_conversation", "list_messages", "mark_read", "read"}
    cells = cells_of(CONVERSATION, acting, names)
    async with registered(edged.system, (Persona.OWNER, Persona.AUTHOR, *acting)) as personas:
        scene = await CONVERSATION.create(personas)
        async with edged.broken(*NO_POLICY_ENFORCED):
            wrong = await try_all(scene, CONVERSATION, cells)
    report("S1 where no policy is enforced", cells=len(cells), otherwise=len(wrong))
    with pytest.raises(AssertionError, match="not as declared"):
        check(wrong)
    assert any("change_conversation by member: success" in line for line in wrong)
    assert any("list_messages by stranger: " in line for line in wrong)


def check(wrong: Sequence[str]) -> None:
    assert not wrong, "not as declared:\n" + "\n".join(wrong)


async def try_all(scene: Scene, kind: SceneKind, cells: Sequence[Cell]) -> list[str]:
    """What was not as expected, a line each. First all that is refused, on the same resources,
    which must not change. Calls by which a persona joins or leaves come last."""
    refused = [cell for cell in cells if cell.expected is not None]
    allowed = [cell for cell in cells if cell.expected is None]
    before = await scene.snapshot()
    wrong = await try_in_order(scene, kind, refused)
    if (after := await scene.snapshot()) != before:
        names = ", ".join(sorted({cell.name for cell in refused}))
        wrong.append(f"refused, but it changed {_difference(before, after)}: {names}")
    for last in (False, True):
        some = [cell for cell in allowed if cell.case.moves_caller is last]
        wrong += await try_in_order(scene, kind, some)
    return wrong


async def try_each_apart(kind: SceneKind, personas: Personas, cells: Sequence[Cell]) -> list[str]:
    """Each in a scene of its own."""

    async def try_those_of(persona: Persona) -> list[str]:
        wrong: list[str] = []
        for cell in cells:
            if cell.persona is persona:
                wrong += await try_all(await kind.create(personas, persona), kind, [cell])
        return wrong

    return await gather_bounded(kind.personas, try_those_of)


async def try_in_order(scene: Scene, kind: SceneKind, cells: Sequence[Cell]) -> list[str]:
    async def one(cell: Cell) -> list[str]:
        return [line] if (line := await try_one(scene, kind, cell)) else []

    wrong = []
    for _, of_one_case in groupby(cells, key=lambda cell: cell.name):
        wrong += await gather_bounded(of_one_case, one)
    return wrong


async def try_one(scene: Scene, kind: SceneKind, cell: Cell) -> str:
    """What is wrong; empty where nothing is."""
    actor, succeeds = scene.personas[cell.persona], cell.expected is None
    if succeeds and cell.case.own_session:
        actor = await actor.with_own_session()
    placeholders = scene.placeholders(actor, fresh=succeeds and not cell.case.is_read)
    response = await actor.call(
        await placeholders.fill(cell.case.operation), await placeholders.fill(cell.case.body)
    )
    title = f"{cell.name} by {cell.persona}"
    if response.refusal != cell.expected:
        return (
            f"{title}: {_outcome(response.refusal)}, not {_outcome(cell.expected)}: "
            f"{response.text[:300]}"
        )
    if succeeds:
        await placeholders.restore(cell.name, response)
    leak = _leak(scene, kind, cell, response)
    return leak and f"{title}: {leak}"


def _leak(scene: Scene, kind: SceneKind, cell: Cell, response: Response) -> str:
    """What the response or the persona's socket reveals."""
    reads = cell.persona in kind.roles
    socket = scene.personas[cell.persona].socket
    texts = [response.text, *(socket.frames if socket else ())]
    if not reads and any(scene.canary in text for text in texts):
        return "it reveals what others have written"
    is_secret = cell.persona not in MODERATORS and cell.name != "file_report"
    if scene.secret and is_secret and scene.secret in response.text:
        return "it reveals what only moderators may read"
    shows = cell.case.shows
    if shows is None or cell.expected is not None:
        return ""
    is_shown = shows(response.document, scene.stream(cell.persona))
    return "" if is_shown == reads else f"it {'contains' if is_shown else 'lacks'} the stream"


def _difference(before: Sequence[Document], after: Sequence[Document]) -> str:
    changed = [
        f"{name} from {was.get(name)} to {now.get(name)}"
        for was, now in zip(before, after, strict=False)
        for name in was | now
        if was.get(name) != now.get(name)
    ]
    return "; ".join(changed) or f"{len(before)} documents to {len(after)}"


def _outcome(refusal: tuple[int, str | None] | None) -> str:
    return f"{refusal[0]} {refusal[1]}" if refusal else "success"
