"""Systems with one thing broken on purpose, on which a proof must be seen to fail."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psycopg

from cgraph_local.core.home import CHECKOUT
from cgraph_local.services import Endpoints
from tests.prepared_home import start_prepared
from tests.system import LocalSystem

RELOAD_SECONDS = 60.0
STATEMENT = re.compile(r"^(?=CREATE )", re.MULTILINE)
PARTS = (
    *("functions", "layers", "clients/python"),
    *("infra/local", "infra/migrations", "infra/schema"),
)
FILES = ("template.yaml", "infra/media.yaml")


@dataclass(frozen=True, slots=True)
class Mutation:
    """`original` is in the file exactly once; a change there has to be repeated here."""

    file: str
    original: str
    replacement: str

    def apply(self, checkout: Path) -> None:
        path = checkout / self.file
        path.write_text(self.applied_to(path.read_text()))

    def applied_to(self, text: str) -> str:
        assert text.count(self.original) == 1, (
            f"{self.file} no longer has, exactly once, what this mutation replaces:\n"
            f"{self.original}\n"
            "Bring the mutation in tests/proofs up to date, so that the proof stays proven."
        )
        return text.replace(self.original, self.replacement)


@asynccontextmanager
async def broken_system(
    folder: Path, *mutations: Mutation, rate_limits: str = "off", **variables: str
) -> AsyncIterator[LocalSystem]:
    """A system of its own, which runs from a copy of this checkout, with these variables."""
    async with breakable_system(folder, *mutations, rate_limits=rate_limits, **variables) as broken:
        yield broken.system


@asynccontextmanager
async def breakable_system(
    folder: Path, *mutations: Mutation, rate_limits: str = "off", **variables: str
) -> AsyncIterator[Breakable]:
    """As `broken_system`; more of it can be broken while it runs."""
    checkout = folder / "checkout"
    for part in PARTS:
        shutil.copytree(CHECKOUT / part, checkout / part)
    for file in FILES:
        shutil.copy(CHECKOUT / file, checkout / file)
    for program in (".venv-emulator", ".opensearch"):
        (checkout / program).symlink_to(CHECKOUT / program)
    for mutation in mutations:
        mutation.apply(checkout)
    variables = {"CGRAPH_RATE_LIMITS": rate_limits, **variables}
    system = start_prepared(folder / "home", checkout=checkout, **variables)
    try:
        yield Breakable(system, checkout)
    finally:
        await system.close()
        system.stop()


@dataclass(frozen=True, slots=True)
class Breakable:
    """A running system that nobody else runs from `checkout`. Several proofs can break it, one
    after another, where each would have to start one.
    """

    system: LocalSystem
    checkout: Path

    @asynccontextmanager
    async def broken(self, *mutations: Mutation) -> AsyncIterator[LocalSystem]:
        """With changed code of functions and layers, which is restored at the end."""
        sound = {each.file: (self.checkout / each.file).read_text() for each in mutations}
        broken = dict(sound)
        for mutation in mutations:
            broken[mutation.file] = mutation.applied_to(broken[mutation.file])
        try:
            await self._write(broken)
            yield self.system
        finally:
            await self._write(sound)

    async def _write(self, texts: Mapping[str, str]) -> None:
        """Returns when the next event runs the changed code."""
        for file, text in texts.items():
            before = len(self.system.console)
            (self.checkout / file).write_text(text)
            async with asyncio.timeout(RELOAD_SECONDS):
                while f"{file} changed; " not in self.system.console[before:]:
                    await asyncio.sleep(0.05)


class HasDatabase(Protocol):
    """A running system, or only its services."""

    @property
    def endpoints(self) -> Endpoints: ...


@contextmanager
def broken_schema(system: HasDatabase, *mutations: Mutation) -> Iterator[None]:
    """Replaces functions of one schema file in a running system; restores them at the end."""
    (file,) = {mutation.file for mutation in mutations}
    sound = broken = (CHECKOUT / file).read_text()
    for mutation in mutations:
        broken = mutation.applied_to(broken)
    changed = {
        before: after
        for before, after in zip(STATEMENT.split(sound), STATEMENT.split(broken), strict=True)
        if before != after
    }
    with psycopg.connect(system.endpoints.admin_conninfo, autocommit=True) as connection:
        try:
            for after in changed.values():
                connection.execute(after.encode())
            yield
        finally:
            for before in changed:
                connection.execute(before.encode())
