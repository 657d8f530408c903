"""The people of the proofs over all routes, registered once for all scenes: a registration takes as
long as ten other requests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from tests.proofs.personas import Persona, Personas, registered
from tests.proofs.scenes import CONVERSATION, PUBLIC_FORUM, Scene, SceneKind
from tests.system import System

UNDONE = (CONVERSATION, PUBLIC_FORUM)
"""Scenes in which each call can be undone. Who withdraws a request cannot ask again for days."""


@dataclass(slots=True)
class Cast:
    """`is_lasting`: the same people act in each scene. Otherwise they are new each time, as in
    proofs that take longer than a token is valid.
    """

    system: System
    is_lasting: bool
    _people: Personas | None = None
    _scenes: dict[str, Scene] = field(default_factory=dict)
    _registered: AsyncExitStack = field(default_factory=AsyncExitStack)

    @asynccontextmanager
    async def acting(self, personas: Collection[Persona]) -> AsyncIterator[Personas]:
        """A proof leaves each of them with the account and the session that they had."""
        if not self.is_lasting:
            async with registered(self.system, personas) as people:
                yield people
            return
        everybody = await self._everybody()
        actors = {persona: everybody[persona] for persona in personas}
        for actor in actors.values():
            if actor.socket is not None:
                actor.socket.frames.clear()
                actor.socket.events.clear()
        yield Personas(self.system, actors, everybody.newcomers)

    async def scene(self, kind: SceneKind, personas: Personas) -> Scene:
        """With those who are acting; the same one each time where calls are undone."""
        if not self.is_lasting or kind not in UNDONE:
            return await kind.create(personas)
        if kind.title not in self._scenes:
            self._scenes[kind.title] = await kind.create(personas)
        return self._scenes[kind.title]

    async def dismiss(self) -> None:
        """The next to act are new ones."""
        self._people = None
        self._scenes.clear()
        await self._registered.aclose()

    async def _everybody(self) -> Personas:
        if self._people is None:
            everybody = registered(self.system, tuple(Persona))
            self._people = await self._registered.enter_async_context(everybody)
        return self._people
