"""docs/cost.md and docs/cost.svg, made from the same bills."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from cgraph_local.core.home import CHECKOUT
from cgraph_local.cost.bill import BANDS, Bill, Line, bill
from cgraph_local.cost.deployed_resources import EGRESS, SIZES
from cgraph_local.cost.plot import plot, points
from cgraph_local.cost.prices import PriceSheet
from cgraph_local.cost.report import amount, dated, numbered, usd
from cgraph_local.cost.savings import savings
from cgraph_local.cost.scenario import Scenario, usual_size

FOLDER = CHECKOUT / "docs"
HEAD = """\
# What it costs

Made by `make cost`; a test says when it is stale. `cgraph cost --users N [--size …] [--egress …]
[--assume NAME=VALUE]` works out any other case and prints each line with its source. Nothing here
is a bill: it is what was measured on one machine, times a dated price sheet (us-east-1, on demand,
before tax), under the assumptions below.
"""


def write(folder: Path = FOLDER) -> list[Path]:
    written = []
    for name, text in documents().items():
        (folder / name).write_text(text)
        written.append(folder / name)
    return written


def documents() -> dict[str, str]:
    prices = PriceSheet.read()
    return {"cost.md": "\n".join(_page(prices)), "cost.svg": _plot(prices)}


def _plot(prices: PriceSheet) -> str:
    known = {size: Scenario.of(1, size=size, egress="ipv6") for size in SIZES}
    slow = {size: known[size].assumed.changed({"heartbeat_seconds": 240}) for size in SIZES}

    def at(users: int, *, slowly: bool) -> float:
        one = replace(known[usual_size(users)], users=users)
        return bill(replace(one, assumed=slow[one.stacks.size]) if slowly else one, prices).usd

    return plot(
        {
            "CGraph, ipv6": [(users, at(users, slowly=False)) for users in points()],
            "… with a heartbeat of 240 s": [(users, at(users, slowly=True)) for users in points()],
        }
    )


def _page(prices: PriceSheet) -> Iterator[str]:
    yield HEAD
    yield from _summary(prices)
    bills = [bill(Scenario.of(band.users, egress="ipv6"), prices) for band in BANDS]
    yield from _lines(bills)
    yield from _levers(bills, prices)
    yield from _assumptions(bills)
    yield from _measured(bills[0])
    yield from _sheet(prices)


def _summary(prices: PriceSheet) -> Iterator[str]:
    yield "| people | size | egress | USD a month | at most | | seed system's table |"
    yield "|---:|---|---|---:|---:|---|---|"
    for band in BANDS:
        for egress in reversed(EGRESS):
            one = bill(Scenario.of(band.users, egress=egress), prices)
            over = one.usd - band.target[egress]
            said = f"missed by {usd(over)}" if over > 0 else "met"
            yield (
                f"| {band.users:,} | {one.scenario.stacks.size} | {egress} | **{usd(one.usd)}** | "
                f"{usd(band.target[egress])} | {said} | {band.seed} |"
            )
    yield "\n![USD a month against people](cost.svg)\n"
    yield "Search (OpenSearch) comes later and is in no total; see `search_later` below.\n"


def _lines(bills: list[Bill]) -> Iterator[str]:
    yield "## Line by line (ipv6)\n"
    titles = " | ".join(f"{one.scenario.users:,}" for one in bills)
    yield f"| USD a month | {titles} | for | price | source |"
    yield "|---|" + "---:|" * len(bills) + "---|---|---|"
    lines = _in_order(bills)
    numbers = numbered(lines)
    for line in lines:
        name, source = line.name, line.price.source
        cells = " | ".join(_cell(one, name, source) for one in bills)
        unit = line.price.unit
        per = f"{line.price.usd:g} for {amount(line.price.per)}" if not line.is_free else "free"
        yield f"| {name} | {cells} | {unit} | {per} | [{numbers[source]}] |"
    yield "| **together** | " + " | ".join(f"**{usd(one.usd)}**" for one in bills) + " | | | |\n"
    yield "Sources, with the day they were read and by whom they are said:\n"
    for line in {each.price.source: each for each in lines}.values():
        source = line.price.source
        yield f"{numbers[source]}. {source} ({dated(line.price)})"
    yield ""


def _in_order(bills: list[Bill]) -> list[Line]:
    """Each line once; those that only a later bill has stand after its line before them."""
    found: dict[tuple[str, str], Line] = {}
    order: list[tuple[str, str]] = []
    for one in bills:
        place = 0
        for line in one.lines:
            key = line.name, line.price.source
            if key not in found:
                found[key] = line
                order.insert(place, key)
            place = order.index(key) + 1
    return [found[key] for key in order]


def _cell(one: Bill, name: str, source: str) -> str:
    for line in one.lines:
        if (line.name, line.price.source) == (name, source):
            return usd(line.usd)
    return ""


def _levers(bills: list[Bill], prices: PriceSheet) -> Iterator[str]:
    yield "## What would make it cheaper\n"
    yield "Alone, and what is left with it and all above it.\n"
    for one in bills:
        yield f"| {one.scenario.users:,} people | saves | left |\n|---|---:|---:|"
        yield f"| as it is | | {usd(one.usd)} |"
        for saving in savings(one.scenario, prices):
            yield f"| {saving.name} | {usd(saving.alone)} | {usd(saving.left)} |"
        yield ""


def _assumptions(bills: list[Bill]) -> Iterator[str]:
    yield "## Assumed\n"
    yield "| name | small | medium | large | |\n|---|---:|---:|---:|---|"
    for name, entry in bills[0].scenario.assumed.entries.items():
        values = " | ".join(f"{one.scenario.assumed.entries[name].value:g}" for one in bills)
        yield f"| `{name}` | {values} | {entry.what} |"
    yield ""


def _measured(one: Bill) -> Iterator[str]:
    machine = one.scenario.measured.machine
    yield "## Measured\n"
    yield (
        f"{machine['date']}, {machine['cores']} × {machine['processor']}, Python "
        f"{machine['python']}, {machine['times']} times each, by `cgraph cost --measure` on a "
        "running local cloud. On AWS a function at 512 MB has 512 / 1769 of a processor, so its "
        "time is the CPU below × `cpu_factor` × 3.46, and what it waits for others.\n"
    )
    yield (
        "| action | functions: CPU ms, log bytes | Valkey commands | statements | "
        "bytes of WAL | bytes kept |"
    )
    yield "|---|---|---:|---:|---:|---:|"
    for name, action in one.scenario.measured.actions.items():
        ran = ", ".join(
            f"{function} {each.cpu_ms:g}, {each.log_bytes:g}"
            for function, each in action.functions.items()
        )
        yield (
            f"| {name} | {ran} | {action.valkey_commands:g} | {action.statements:g} | "
            f"{action.log_written_bytes:g} | {action.stored_bytes:g} |"
        )
    yield ""


def _sheet(prices: PriceSheet) -> Iterator[str]:
    yield "## Prices\n"
    yield "| what | USD | for | read | source |\n|---|---:|---|---|---|"
    for name, price in prices:
        steps = "".join(f"; above {amount(above)}: {usd:g}" for above, usd in price.steps)
        free = f"; {amount(price.free)} free" if price.free else ""
        unit = f"{amount(price.per)} {price.unit}{free}{steps}"
        yield f"| {name} | {price.usd:g} | {unit} | {dated(price)} | {price.source} |"
    yield ""
