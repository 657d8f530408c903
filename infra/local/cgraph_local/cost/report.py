"""A bill as text, for a terminal."""

from collections.abc import Iterable, Iterator, Mapping

from cgraph_local.cost.bill import Bill, Line, band_of
from cgraph_local.cost.prices import Price
from cgraph_local.cost.savings import Saving

CHECKED = {
    "page": "AWS's page",
    "second-hand": "second-hand",
    "unchecked": "unchecked",
}


def report(bill: Bill, found: Iterable[Saving], *, changed: Mapping[str, float]) -> Iterator[str]:
    scenario = bill.scenario
    where = f"{scenario.stacks.size}, {scenario.stacks.egress}, us-east-1, on demand"
    yield f"CGraph for {scenario.users:,} people: {usd(bill.usd)} USD a month ({where})"
    yield ""
    numbers = numbered(bill.lines)
    for line in bill.lines:
        units = f"{amount(line.units)} {line.price.unit}"
        yield f"  {line.name:<42} {usd(line.usd):>10}  {units}  [{numbers[line.price.source]}]"
    yield f"  {'together':<42} {usd(bill.usd):>10}"
    yield ""
    yield from verdict(bill)
    yield from _levers(found)
    yield from _assumptions(bill, changed)
    yield "Prices, each with the day it was read and by whom it is said:"
    for source, number in numbers.items():
        yield f"  [{number}] {source} ({_when(bill.lines, source)})"


def verdict(bill: Bill) -> Iterator[str]:
    """Against the target and the seed system, where they say something for so many."""
    band = band_of(bill.scenario.users)
    if band is not None:
        target = band.target[bill.scenario.stacks.egress]
        over = bill.usd - target
        said = f"missed by {usd(over)}" if over > 0 else f"met, {usd(-over)} to spare"
        yield f"Target: at most {usd(target)} USD, {said}. The seed system says: {band.seed}."
    later = bill.scenario.assumed.search_later
    if later:
        yield f"Search, when it comes: {usd(later)} USD more. It is not in the total."


def numbered(lines: Iterable[Line]) -> dict[str, int]:
    """Sources in the order of their first line."""
    sources = dict.fromkeys(line.price.source for line in lines)
    return {source: number for number, source in enumerate(sources, start=1)}


def dated(price: Price) -> str:
    return f"{price.read}, {CHECKED[price.checked]}"


def usd(value: float) -> str:
    return f"{value:,.2f}"


def amount(value: float) -> str:
    for size, word in ((1e9, " billion"), (1e6, " million"), (1e3, " thousand")):
        if value >= size:
            return f"{value / size:,.1f}".removesuffix(".0") + word
    return f"{value:,.1f}".removesuffix(".0")


def _when(lines: Iterable[Line], source: str) -> str:
    return next(dated(line.price) for line in lines if line.price.source == source)


def _levers(found: Iterable[Saving]) -> Iterator[str]:
    yield "What would make it cheaper (alone; what is left with it and those above):"
    for saving in found:
        yield f"  {usd(-saving.alone):>10}  {usd(saving.left):>10}  {saving.name}"
    yield ""


def _assumptions(bill: Bill, changed: Mapping[str, float]) -> Iterator[str]:
    machine = bill.scenario.measured.machine
    yield (
        f"Measured {machine['date']} on {machine['cores']} × {machine['processor']}, Python "
        f"{machine['python']}, {machine['times']} times each (cgraph cost --measure)."
    )
    yield "Assumed (--assume NAME=VALUE; * changed):"
    for name, one in bill.scenario.assumed.entries.items():
        mark = "*" if name in changed else " "
        yield f" {mark}{name:<20} {one.value:>8g}  {one.what}"
    yield ""
