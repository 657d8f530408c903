"""Systems with one thing deliberately wrong, on which a proof must be seen to fail."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from cgraph_local.home import CHECKOUT
from tests.system import LocalSystem

PARTS = ("functions", "layers", "infra/local", "infra/migrations", "clients/python")


@dataclass(frozen=True, slots=True)
class Mutation:
    """`was` is in the file exactly once; a change there has to be repeated here."""

    file: str
    was: str
    becomes: str

    def apply(self, checkout: Path) -> None:
        path = checkout / self.file
        text = path.read_text()
        assert text.count(self.was) == 1, (
            f"{self.file} no longer has, exactly once, what this mutation replaces:\n{self.was}\n"
            "Bring the mutation in tests/proofs up to date, so that the proof stays proven."
        )
        path.write_text(text.replace(self.was, self.becomes))


@asynccontextmanager
async def broken_system(folder: Path, *mutations: Mutation) -> AsyncIterator[LocalSystem]:
    """Runs from a copy of this checkout."""
    checkout = folder / "checkout"
    for part in PARTS:
        shutil.copytree(CHECKOUT / part, checkout / part)
    shutil.copy(CHECKOUT / "template.yaml", checkout)
    (checkout / ".venv-emulator").symlink_to(CHECKOUT / ".venv-emulator")
    for mutation in mutations:
        mutation.apply(checkout)
    system = LocalSystem.start(folder / "home", checkout=checkout, CGRAPH_RATE_LIMITS="off")
    try:
        yield system
    finally:
        await system.close()
        system.stop()
