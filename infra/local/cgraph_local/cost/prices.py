"""The price sheet: prices.toml."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

PRICES_FILE = Path(__file__).with_name("prices.toml")


class UnknownPrice(Exception):
    """The price sheet has no such price. The message names it."""


@dataclass(frozen=True, slots=True)
class Price:
    """`per` units cost `usd`. `steps`: pairs of units and the price above them. `free`: free units
    a month. `checked`, `read`, `source`: how, when and where the price was found. `vcpus`,
    `baseline`: of an instance; a baseline of 0 is that of one which is not burstable.
    """

    usd: float
    per: float
    unit: str
    checked: str
    read: str
    source: str
    free: float = 0.0
    steps: tuple[tuple[float, float], ...] = ()
    vcpus: int = 0
    baseline: float = 0.0

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> Self:
        steps = tuple((above, usd) for above, usd in table.get("steps", ()))
        return cls(**{**table, "steps": steps})

    def of(self, units: float) -> float:
        """In USD, without free units."""
        total, end = 0.0, units
        for above, usd in reversed(((0.0, self.usd), *self.steps)):
            if end > above:
                total += (end - above) / self.per * usd
                end = above
        return total

    def free_part(self, units: float) -> float:
        """The price of the free units, in USD: the first ones are free."""
        if not self.free:
            return 0.0
        beyond = self.of(max(units, self.free)) - self.of(self.free)
        return self.of(units) - beyond


class PriceSheet:
    def __init__(self, prices: Mapping[str, Price]) -> None:
        self._prices = prices

    @classmethod
    def read(cls, path: Path = PRICES_FILE) -> Self:
        tables = tomllib.loads(path.read_text())
        return cls({name: Price.from_table(table) for name, table in tables.items()})

    def __getitem__(self, name: str) -> Price:
        if name not in self._prices:
            raise UnknownPrice(
                f"{PRICES_FILE.name} has no price of {name!r}: add it, with its source"
            )
        return self._prices[name]

    def __iter__(self) -> Iterator[tuple[str, Price]]:
        return iter(self._prices.items())
