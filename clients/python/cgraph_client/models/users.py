"""Users."""

from __future__ import annotations

from dataclasses import dataclass

from cgraph_client.core.parsing import JsonObject, constructor_arguments


@dataclass(frozen=True, slots=True)
class User:
    id: str
    username: str
    display_name: str | None = None

    @classmethod
    def from_json(cls, document: JsonObject) -> User:
        return cls(**constructor_arguments(cls, document))
