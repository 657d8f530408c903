"""A month on AWS, line by line, and what it was to cost at most."""

from collections.abc import Iterator
from dataclasses import dataclass

from cgraph_local.cost.charges import charges
from cgraph_local.cost.prices import Price, PriceSheet
from cgraph_local.cost.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    units: float
    price: Price
    usd: float
    is_free: bool = False
    """Whether it takes back what is always free of the line before."""


@dataclass(frozen=True, slots=True)
class Bill:
    scenario: Scenario
    lines: tuple[Line, ...]

    @property
    def usd(self) -> float:
        return sum(line.usd for line in self.lines)


@dataclass(frozen=True, slots=True)
class Band:
    """What the seed system's table says for so many people, and what ours is to cost at most."""

    users: int
    seed: str
    seed_usd: tuple[float, float] | None
    target: dict[str, float]


BANDS = (
    Band(1_000, "50–100 USD", (50.0, 100.0), {"ipv6": 50.0, "endpoints": 55.0}),
    Band(50_000, "500–1,000 USD", (500.0, 1000.0), {"ipv6": 500.0, "endpoints": 500.0}),
    Band(500_000, "talk to architects", None, {"ipv6": 5000.0, "endpoints": 5000.0}),
)


def band_of(users: int) -> Band | None:
    return next((band for band in BANDS if band.users == users), None)


def bill(scenario: Scenario, prices: PriceSheet) -> Bill:
    return Bill(scenario, tuple(_lines(scenario, prices)))


def _lines(scenario: Scenario, prices: PriceSheet) -> Iterator[Line]:
    for charge in charges(scenario, prices):
        if not charge.units:
            continue
        price = prices[charge.price]
        yield Line(charge.name, charge.units, price, price.of(charge.units))
        free = price.free_part(charge.units)
        if free:
            units = min(charge.units, price.free)
            yield Line(f"{charge.name}, always free", units, price, -free, is_free=True)
