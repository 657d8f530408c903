"""The bill of a month on AWS, and the targets for it."""

from collections.abc import Iterator
from dataclasses import dataclass

from cgraph_local.cost.charges import charges
from cgraph_local.cost.prices import Price, PriceSheet
from cgraph_local.cost.scenario import Scenario


@dataclass(frozen=True, slots=True)
class BillLine:
    name: str
    units: float
    price: Price
    usd: float
    is_free: bool = False
    """The line subtracts the free units of the line before it."""


@dataclass(frozen=True, slots=True)
class Bill:
    scenario: Scenario
    lines: tuple[BillLine, ...]

    @property
    def usd(self) -> float:
        return sum(line.usd for line in self.lines)


@dataclass(frozen=True, slots=True)
class CostTarget:
    """The target for a number of users who only chat, without an edge, as it was set before there
    were forums and a firewall; and the cost that the seed system's documentation states.
    """

    users: int
    seed: str
    seed_usd: tuple[float, float] | None
    max_usd: dict[str, float]
    """By egress."""


COST_TARGETS = (
    CostTarget(1_000, "50–100 USD", (50.0, 100.0), {"ipv6": 50.0, "endpoints": 55.0}),
    CostTarget(50_000, "500–1,000 USD", (500.0, 1000.0), {"ipv6": 500.0, "endpoints": 500.0}),
    CostTarget(500_000, "talk to architects", None, {"ipv6": 5000.0, "endpoints": 5000.0}),
)


def cost_target(users: int) -> CostTarget | None:
    return next((target for target in COST_TARGETS if target.users == users), None)


def calculate_bill(scenario: Scenario, prices: PriceSheet) -> Bill:
    return Bill(scenario, tuple(_lines(scenario, prices)))


def _lines(scenario: Scenario, prices: PriceSheet) -> Iterator[BillLine]:
    for charge in charges(scenario, prices):
        if not charge.units:
            continue
        price = prices[charge.price]
        yield BillLine(charge.name, charge.units, price, price.of(charge.units))
        free = price.free_part(charge.units)
        if free:
            units = min(charge.units, price.free)
            yield BillLine(f"{charge.name}, always free", units, price, -free, is_free=True)
