"""What was measured on a running local cloud: measured.toml."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Self, TypeVar

MEASURED = Path(__file__).with_name("measured.toml")
PUSHER = "PushEvents"

Figures = TypeVar("Figures", "Ran", "Action")


@dataclass(frozen=True, slots=True)
class Ran:
    """A function within an action: how often, and what each time."""

    invocations: float
    cpu_ms: float
    duration_ms: float
    log_bytes: float


@dataclass(frozen=True, slots=True)
class Action:
    """All figures for doing it once."""

    answer_bytes: float
    valkey_commands: float
    statements: float
    log_written_bytes: float
    stored_bytes: float
    pushed_frames: float
    pushed_frame_bytes: float
    functions: Mapping[str, Ran]

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> Self:
        functions = {name: Ran(**figures) for name, figures in table["functions"].items()}
        numbers = {name: table[name] for name in cls.__dataclass_fields__ if name != "functions"}
        return cls(**numbers, functions=functions)


@dataclass(frozen=True, slots=True)
class Measured:
    machine: Mapping[str, Any]
    cache_bytes: float
    """In Valkey, for a person who is connected."""
    actions: Mapping[str, Action]

    @classmethod
    def read(cls, path: Path = MEASURED) -> Self:
        tables = tomllib.loads(path.read_text())
        return cls(
            machine=tables["machine"],
            cache_bytes=tables["person"]["cache_bytes"],
            actions={name: Action.from_table(table) for name, table in tables["action"].items()},
        )

    def sending_to(self, sockets: float) -> Action:
        """From a message to 2 and one to 10 sockets, on a straight line."""
        share = (sockets - 2) / 8
        few, many = self.actions["send_to_2"], self.actions["send_to_10"]
        functions = {
            name: _between(ran, many.functions[name], share) for name, ran in few.functions.items()
        }
        return _between(few, many, share, functions=functions)


def _between(one: Figures, other: Figures, share: float, **kept: Any) -> Figures:
    numbers = {
        each.name: getattr(one, each.name)
        + (getattr(other, each.name) - getattr(one, each.name)) * share
        for each in fields(one)
        if each.name not in kept
    }
    return replace(one, **numbers, **kept)
