"""Of two users of whom one has blocked the other, nothing of the one reaches the other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from unittest.mock import AsyncMock, patch

import pytest

from tests.feature.realtime.block_ways import WAYS, Scene
from tests.feature.world import Person, World
from tests.proofs.broken import Mutation, broken_schema

DIRECTIONS = ("the blocked user acts", "the blocker acts")
SOCKETS = ("running sockets", "sockets opened afterwards")


async def create_scene(ada: Person, grace: Person, eve: Person, direction: str) -> Scene:
    """Ada blocks."""
    actor, receiver = (ada, grace) if direction == "the blocker acts" else (grace, ada)
    return await Scene.create(actor, receiver, eve)


async def open_ways(scene: Scene) -> list[str]:
    """The ways in which something has arrived."""
    return [name for name, way in WAYS.items() if await way.reaches(scene)]


def ways_of(kind: str) -> list[str]:
    return [name for name, way in WAYS.items() if way.kind == kind]


async def test_without_a_block_all_ways_are_open(ada: Person, grace: Person, eve: Person) -> None:
    scene = await Scene.create(ada, grace, eve)
    await scene.open_sockets()

    assert await open_ways(scene) == list(WAYS)


@pytest.mark.parametrize("sockets", SOCKETS)
@pytest.mark.parametrize("direction", DIRECTIONS)
async def test_a_block_closes_all_ways(
    ada: Person, grace: Person, eve: Person, direction: str, sockets: str
) -> None:
    scene = await create_scene(ada, grace, eve, direction)
    if sockets == "running sockets":
        await scene.open_sockets()
    await ada.call("block_user", user_id=grace.id)
    if sockets != "running sockets":
        await scene.open_sockets()

    assert await open_ways(scene) == []


async def test_when_both_have_blocked_one_lifted_block_opens_nothing(
    ada: Person, grace: Person, eve: Person
) -> None:
    scene = await Scene.create(ada, grace, eve)
    await scene.open_sockets()
    for one, other in ((ada, grace), (grace, ada)):
        await one.call("block_user", user_id=other.id)
    await ada.call("unblock_user", user_id=grace.id)

    assert await open_ways(scene) == []


async def test_a_lifted_block_opens_all_ways(ada: Person, grace: Person, eve: Person) -> None:
    scene = await create_scene(ada, grace, eve, "the blocked user acts")
    await scene.open_sockets()
    await ada.call("block_user", user_id=grace.id)
    await ada.call("unblock_user", user_id=grace.id)

    assert await open_ways(scene) == list(WAYS)


async def test_a_block_hides_no_one_else(ada: Person, grace: Person, eve: Person) -> None:
    scene = await Scene.create(grace, eve, ada)
    await scene.open_sockets()
    await ada.call("block_user", user_id=grace.id)

    assert await open_ways(scene) == list(WAYS)


ONE_DIRECTION = Mutation(
    "infra/schema/accounts.sql",
    "IN ((one_id, other_id), (other_id, one_id))",
    "IN ((other_id, one_id))",
)
"""A write asks only whether its author has blocked the other."""


def _show_hidden_users() -> None:
    """Forgets whom subscriptions hide."""
    from cgraph.realtime import coalescing, subscriptions

    for module in (coalescing, subscriptions):
        patch.object(module, "parse_hidden", lambda _: {}).start()


def _apply_no_block() -> None:
    """Subscriptions take blocks over only when they are renewed."""
    from cgraph.realtime import block_changes

    patch.object(block_changes, "apply_block_change", AsyncMock()).start()


def _repair() -> None:
    patch.stopall()


@asynccontextmanager
async def broken_function(world: World, breakage: Any) -> AsyncIterator[None]:
    await world.run(breakage)
    try:
        yield
    finally:
        await world.run(_repair)


async def test_the_proof_fails_where_the_rule_is_asked_in_one_direction_only(
    world: World, ada: Person, grace: Person, eve: Person
) -> None:
    scene = await create_scene(ada, grace, eve, "the blocked user acts")
    await scene.open_sockets()
    await ada.call("block_user", user_id=grace.id)
    with broken_schema(world, ONE_DIRECTION):
        found = await open_ways(scene)

    assert found == ways_of("write")


@pytest.mark.parametrize("breakage", [_show_hidden_users, _apply_no_block])
async def test_the_proof_fails_where_subscriptions_do_not_know_the_block(
    world: World, ada: Person, grace: Person, eve: Person, breakage: Any
) -> None:
    scene = await create_scene(ada, grace, eve, "the blocked user acts")
    async with broken_function(world, breakage):
        await scene.open_sockets()
        await ada.call("block_user", user_id=grace.id)
        found = await open_ways(scene)

    needs_subscription = [name for name in ways_of("push") if name.startswith("coming")]
    shown = [name for name in found if not name.startswith(("coming", "present users"))]
    assert shown == [name for name in ways_of("push") if name not in needs_subscription]
    assert {*needs_subscription} <= {*found} or breakage is _apply_no_block
