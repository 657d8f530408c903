"""What the `{names}` of route cases stand for in one call."""

from __future__ import annotations

from dataclasses import dataclass
from string import Formatter
from typing import Any

from tests.proofs.personas import Actor, Response


@dataclass(slots=True)
class Placeholders:
    """Each method without parameters is a placeholder of that name.

    `fresh`: the call will succeed and may use the resources up, so they are new; those of calls
    that are refused are shared.
    """

    actor: Actor
    fresh: bool

    async def fill(self, value: Any) -> Any:
        """The same value with every placeholder replaced, in keys too."""
        if isinstance(value, str):
            names = {name for _, name, _, _ in Formatter().parse(value) if name}
            return value.format(**{name: await getattr(self, name)() for name in names})
        if isinstance(value, dict):
            return {await self.fill(key): await self.fill(each) for key, each in value.items()}
        if isinstance(value, list):
            return [await self.fill(each) for each in value]
        return value

    async def restore(self, name: str, response: Response) -> None:
        """Undoes a successful call of this name that would make later ones fail."""

    async def caller(self) -> str:
        return self.actor.person.id
