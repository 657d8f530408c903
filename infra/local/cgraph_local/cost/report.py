"""A bill as text for the terminal."""

from collections.abc import Iterable, Iterator, Mapping

from cgraph_local.cost.bill import Bill, BillLine, cost_target
from cgraph_local.cost.prices import Price
from cgraph_local.cost.savings import Saving

CHECKS = {
    "page": "page of AWS",
    "second-hand": "second-hand",
    "unchecked": "unchecked",
}


def report(bill: Bill, savings: Iterable[Saving], *, changed: Mapping[str, float]) -> Iterator[str]:
    scenario = bill.scenario
    edge = "with an edge" if scenario.resources.edge else "no edge"
    where = f"{scenario.resources.size}, {scenario.resources.egress}, {edge}, us-east-1, on demand"
    yield f"CGraph for {scenario.users:,} users: {usd(bill.usd)} USD a month ({where})"
    yield ""
    numbers = number_sources(bill.lines)
    for line in bill.lines:
        units = f"{amount(line.units)} {line.price.unit}"
        yield f"  {line.name:<42} {usd(line.usd):>10}  {units}  [{numbers[line.price.source]}]"
    yield f"  {'total':<42} {usd(bill.usd):>10}"
    yield ""
    yield from compare_with_target(bill)
    yield from _savings(savings)
    yield from _assumptions(bill, changed)
    yield "Sources of the prices, with the day they were read and how they were checked:"
    for source, number in numbers.items():
        yield f"  [{number}] {source} ({_date_of_source(bill.lines, source)})"


def compare_with_target(bill: Bill) -> Iterator[str]:
    """Compares with the target and with the seed system, if there is a target for this number of
    users.
    """
    expected = cost_target(bill.scenario.users)
    if expected is not None:
        target = expected.max_usd[bill.scenario.resources.egress]
        over = bill.usd - target
        outcome = f"missed by {usd(over)}" if over > 0 else f"met, {usd(-over)} to spare"
        yield (
            f"Target, for chat without an edge and OpenSearch: at most {usd(target)} USD, "
            f"{outcome}. "
            f"The seed system states: {expected.seed}."
        )


def number_sources(lines: Iterable[BillLine]) -> dict[str, int]:
    """The sources, numbered in the order of their first line."""
    sources = dict.fromkeys(line.price.source for line in lines)
    return {source: number for number, source in enumerate(sources, start=1)}


def date_and_check(price: Price) -> str:
    return f"{price.read}, {CHECKS[price.checked]}"


def usd(value: float) -> str:
    return f"{value:,.2f}"


def amount(value: float) -> str:
    for size, word in ((1e9, " billion"), (1e6, " million"), (1e3, " thousand")):
        if value >= size:
            return f"{value / size:,.1f}".removesuffix(".0") + word
    return f"{value:,.1f}".removesuffix(".0")


def _date_of_source(lines: Iterable[BillLine], source: str) -> str:
    return next(date_and_check(line.price) for line in lines if line.price.source == source)


def _savings(savings: Iterable[Saving]) -> Iterator[str]:
    yield "Possible savings (alone; the total with it and those above):"
    for saving in savings:
        yield f"  {usd(-saving.alone):>10}  {usd(saving.total):>10}  {saving.name}"
    yield ""


def _assumptions(bill: Bill, changed: Mapping[str, float]) -> Iterator[str]:
    machine = bill.scenario.measurements.machine
    yield (
        f"Measured {machine['date']} on {machine['cores']} × {machine['processor']}, Python "
        f"{machine['python']}, {machine['times']} repetitions (cgraph cost --measure)."
    )
    yield "Assumptions (--assume NAME=VALUE; * changed):"
    for name, assumption in bill.scenario.assumptions.entries.items():
        mark = "*" if name in changed else " "
        yield f" {mark}{name:<20} {assumption.value:>8g}  {assumption.description}"
    yield ""
