"""Systems of several proofs, and the people and the order of the proofs over all routes."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.conftest import ONLY_PROOFS
from tests.proofs.broken import Breakable, breakable_system
from tests.proofs.cast import Cast
from tests.proofs.replicated import start_replicated
from tests.proofs.scenes import INPUT_KINDS, KINDS, RESTRICTED_FORUM, SceneKind
from tests.proofs.short_life import SHORT_LIFE, SHORT_LIFE_IN_FULL
from tests.system import LocalSystem, System

ORDER = [*KINDS, *(kind for kind in INPUT_KINDS if kind not in KINDS)]
WITHOUT_CONSUMERS = (
    *("test_s1_", "test_s2_", "test_s3_", "test_s4_", "test_s7_", "test_s12_", "test_s20_"),
    *(
        "test_s21_visibility",
        "test_r1_",
        "test_r2_",
        "test_r3_",
        "test_r4_",
        "test_r6_",
        "test_r7_",
    ),
    *("test_r8_", "test_r13_", "test_r17_", "test_r20_", "test_r21_bad_sync_"),
    *("test_presence_of_a_crowd", "test_block_in_open_sockets"),
)
"""The beginnings of the files whose proofs neither need a consumer of the log nor speak of one."""


@pytest.fixture(autouse=True)
def consumers_of_no_account(request: pytest.FixtureRequest) -> None:
    if request.path.name.startswith(WITHOUT_CONSUMERS) and "system" in request.fixturenames:
        request.getfixturevalue("resting_consumers")


@pytest.fixture(scope="session")
async def replicated(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LocalSystem]:
    """A local cloud with a replica, and without limits on requests."""
    running = start_replicated(tmp_path_factory.mktemp("replicated") / "home")
    yield running
    await running.close()
    running.stop()


@pytest.fixture(scope="session")
async def edged(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Breakable]:
    """Behind an edge, with every limit in force."""
    folder = tmp_path_factory.mktemp("edged")
    async with breakable_system(folder, rate_limits="on", CGRAPH_EDGE="1") as running:
        yield running


@pytest.fixture(scope="session")
async def short_lived(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> AsyncIterator[Breakable]:
    """Where no socket lives longer than some seconds."""
    is_full = request.config.getoption("--full")
    variables = (SHORT_LIFE_IN_FULL if is_full else SHORT_LIFE).variables
    async with breakable_system(tmp_path_factory.mktemp("short-lived"), **variables) as running:
        yield running


@pytest.fixture(scope="session")
async def cast(system: System, request: pytest.FixtureRequest) -> AsyncIterator[Cast]:
    """Of the proofs over all routes."""
    people = Cast(system, is_lasting=not request.config.getoption("--full"))
    yield people
    await people.dismiss()


@pytest.fixture(params=INPUT_KINDS, ids=lambda kind: kind.title)
def kind(request: pytest.FixtureRequest) -> SceneKind:
    """Of the proofs of input. The routes of a restricted forum take theirs in a private one too."""
    found: SceneKind = request.param
    if found is RESTRICTED_FORUM and not request.config.getoption("--full"):
        pytest.skip(ONLY_PROOFS)
    return found


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All that use one kind of scene follow each other, so that the environments of its functions
    are used again: a cold start takes thirty times the CPU time of a request."""
    kinds = {item: kind for item in items if (kind := _kind_of(item)) is not None}
    if kinds:
        place = min(items.index(item) for item in kinds)
        others = [item for item in items[place:] if item not in kinds]
        items[place:] = [*sorted(kinds, key=lambda item: ORDER.index(kinds[item])), *others]


def _kind_of(item: pytest.Item) -> SceneKind | None:
    callspec = getattr(item, "callspec", None)
    kind = callspec.params.get("kind") if callspec is not None else None
    return kind if isinstance(kind, SceneKind) else None
