"""The assumptions: assumptions.toml, and the values that the user changes."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

DEFAULTS_FILE = Path(__file__).with_name("assumptions.toml")
POSITIVE_ASSUMPTIONS = frozenset(
    ("heartbeat_seconds", "jobs_per_batch", "deliveries", "days", "media_kb")
)
"""They are divisors, so they must not be 0."""


class UnknownAssumption(Exception):
    """There is no assumption of this name, or its value is not a valid number. The message lists
    the names.
    """


@dataclass(frozen=True, slots=True)
class Assumption:
    value: float
    description: str


class Assumptions:
    """The assumptions for a size of deployment. Each is an attribute: `assumptions.messages`."""

    def __init__(self, entries: Mapping[str, Assumption]) -> None:
        self.entries = dict(entries)

    @classmethod
    def read(cls, size: str, *, changes: Mapping[str, float] | None = None) -> Self:
        tables = tomllib.loads(DEFAULTS_FILE.read_text())
        entries = {
            name: Assumption(_of_size(table["value"], size), table["description"])
            for name, table in tables.items()
        }
        return cls(entries).changed(changes or {})

    def changed(self, changes: Mapping[str, float]) -> Self:
        """Raises UnknownAssumption."""
        unknown = sorted(changes.keys() - self.entries.keys())
        if unknown:
            known = ", ".join(sorted(self.entries))
            raise UnknownAssumption(
                f"There is no assumption {', '.join(unknown)}. There are: {known}"
            )
        new = {
            name: Assumption(value, self.entries[name].description)
            for name, value in changes.items()
        }
        return type(self)({**self.entries, **new})

    def __getattr__(self, name: str) -> float:
        try:
            return self.entries[name].value
        except KeyError:
            raise AttributeError(name) from None


def changes_from(path: Path | None, settings: Iterable[str]) -> dict[str, float]:
    """The changes in a TOML file and in NAME=VALUE settings, which have priority. Raises
    UnknownAssumption, OSError.
    """
    changes: dict[str, float] = {}
    if path is not None:
        try:
            values = tomllib.loads(path.read_text())
        except tomllib.TOMLDecodeError as error:
            raise UnknownAssumption(f"{path} is not TOML: {error}") from error
        for name, value in values.items():
            changes[name] = _number(name, value)
    for setting in settings:
        name, _, value = setting.partition("=")
        changes[name.strip()] = _number(name, value)
    return changes


def _number(name: str, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = -1.0
    if not 0 <= number < 1e12 or (number == 0 and name in POSITIVE_ASSUMPTIONS):
        raise UnknownAssumption(f"{name} must be a number, as in {name}=4, not {value!r}")
    return number


def _of_size(value: Any, size: str) -> float:
    return float(value[size] if isinstance(value, dict) else value)
