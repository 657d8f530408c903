"""The usage measured on a running local cloud: measured.toml."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Self, TypeVar

MEASUREMENTS_FILE = Path(__file__).with_name("measured.toml")
PUSH_FUNCTION = "PushEvents"

Figures = TypeVar("Figures", "FunctionUsage", "ActionUsage")


@dataclass(frozen=True, slots=True)
class FunctionUsage:
    """Invocations of a function per action, and its usage per invocation."""

    invocations: float
    cpu_ms: float
    duration_ms: float
    log_bytes: float


@dataclass(frozen=True, slots=True)
class ActionUsage:
    """The usage of an action that is performed once."""

    answer_bytes: float
    valkey_commands: float
    statements: float
    database_cpu_ms: float
    log_written_bytes: float
    stored_bytes: float
    pushed_frames: float
    pushed_frame_bytes: float
    functions: Mapping[str, FunctionUsage]

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> Self:
        functions = {name: FunctionUsage(**figures) for name, figures in table["functions"].items()}
        numbers = {name: table[name] for name in cls.__dataclass_fields__ if name != "functions"}
        return cls(**numbers, functions=functions)


@dataclass(frozen=True, slots=True)
class Measurements:
    machine: Mapping[str, Any]
    cache_bytes: float
    """Memory in Valkey per connected user."""
    actions: Mapping[str, ActionUsage]

    @classmethod
    def read(cls, path: Path = MEASUREMENTS_FILE) -> Self:
        tables = tomllib.loads(path.read_text())
        return cls(
            machine=tables["machine"],
            cache_bytes=tables["person"]["cache_bytes"],
            actions={
                name: ActionUsage.from_table(table) for name, table in tables["action"].items()
            },
        )

    def send_to(self, sockets: float) -> ActionUsage:
        """The usage of a message to this number of sockets, interpolated between 2 and 10."""
        share = (sockets - 2) / 8
        small, large = self.actions["send_to_2"], self.actions["send_to_10"]
        functions = {
            name: _interpolate(usage, large.functions[name], share)
            for name, usage in small.functions.items()
        }
        return _interpolate(small, large, share, functions=functions)


def _interpolate(first: Figures, second: Figures, share: float, **replaced: Any) -> Figures:
    numbers = {
        each.name: getattr(first, each.name)
        + (getattr(second, each.name) - getattr(first, each.name)) * share
        for each in fields(first)
        if each.name not in replaced
    }
    return replace(first, **numbers, **replaced)
