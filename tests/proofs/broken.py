"""Systems with one thing deliberately wrong, on which a proof must be seen to fail."""

from __future__ import annotations

import re
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from cgraph_local.home import CHECKOUT
from tests.system import LocalSystem

STATEMENT = re.compile(r"^(?=CREATE )", re.MULTILINE)
PARTS = ("functions", "layers", "infra/local", "infra/migrations", "clients/python")


@dataclass(frozen=True, slots=True)
class Mutation:
    """`was` is in the file exactly once; a change there has to be repeated here."""

    file: str
    was: str
    becomes: str

    def apply(self, checkout: Path) -> None:
        (checkout / self.file).write_text(self.applied_to(checkout))

    def applied_to(self, checkout: Path) -> str:
        text = (checkout / self.file).read_text()
        assert text.count(self.was) == 1, (
            f"{self.file} no longer has, exactly once, what this mutation replaces:\n{self.was}\n"
            "Bring the mutation in tests/proofs up to date, so that the proof stays proven."
        )
        return text.replace(self.was, self.becomes)


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


@contextmanager
def broken_schema(system: LocalSystem, *mutations: Mutation) -> Iterator[None]:
    """Functions of the migrations, in a system that runs; afterwards they are as they were."""
    with psycopg.connect(system.endpoints.admin_conninfo, autocommit=True) as connection:
        try:
            for mutation in mutations:
                connection.execute(_function_around(mutation, broken=True))
            yield
        finally:
            for mutation in mutations:
                connection.execute(_function_around(mutation, broken=False))


def _function_around(mutation: Mutation, *, broken: bool) -> bytes:
    text = mutation.applied_to(CHECKOUT) if broken else (CHECKOUT / mutation.file).read_text()
    inside = mutation.becomes if broken else mutation.was
    (function,) = (each for each in STATEMENT.split(text) if inside in each)
    return function.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1).encode()
