"""A system with a replica, and the order of the proofs that call all routes."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.proofs.replicated import start_replicated
from tests.proofs.scenes import INPUT_KINDS, KINDS, SceneKind
from tests.system import LocalSystem

ORDER = [*KINDS, *(kind for kind in INPUT_KINDS if kind not in KINDS)]


@pytest.fixture(scope="session")
async def replicated(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LocalSystem]:
    """A local cloud with a replica, and without limits on requests."""
    running = start_replicated(tmp_path_factory.mktemp("replicated") / "home")
    yield running
    await running.close()
    running.stop()


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
