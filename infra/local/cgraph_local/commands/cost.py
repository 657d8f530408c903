"""`cgraph cost`"""

import argparse
import sys
from collections.abc import Iterator

from cgraph_local.cost import document
from cgraph_local.cost.assumptions import UnknownAssumption, changes_from
from cgraph_local.cost.bill import COST_TARGETS, calculate_bill
from cgraph_local.cost.measurements import MEASUREMENTS_FILE
from cgraph_local.cost.prices import PriceSheet, UnknownPrice
from cgraph_local.cost.report import compare_with_target, report, usd
from cgraph_local.cost.savings import savings
from cgraph_local.cost.scenario import Scenario

MAX_USERS = 100_000_000


def main(arguments: argparse.Namespace) -> int:
    try:
        return _main(arguments)
    except (UnknownAssumption, UnknownPrice) as error:
        print(error, file=sys.stderr)
        return 2


def _main(arguments: argparse.Namespace) -> int:
    if arguments.users is not None and not 1 <= arguments.users <= MAX_USERS:
        print(f"--users: from 1 to {MAX_USERS:,} users", file=sys.stderr)
        return 2
    if arguments.measure:
        return _measure()
    if arguments.write:
        for path in document.write():
            print(f"written: {path}")
    else:
        for line in _lines(arguments):
            print(line)
    return 0


def _lines(arguments: argparse.Namespace) -> Iterator[str]:
    prices = PriceSheet.read()
    changes = changes_from(arguments.assumptions, arguments.assume)
    chosen = {
        "egress": arguments.egress,
        "size": arguments.size,
        "edge": arguments.edge,
        "search": arguments.search,
    }
    if arguments.users is not None:
        scenario = Scenario.of(arguments.users, changes=changes, **chosen)
        yield from report(
            calculate_bill(scenario, prices), savings(scenario, prices), changed=changes
        )
        return
    for target in COST_TARGETS:
        bill = calculate_bill(Scenario.of(target.users, changes=changes, **chosen), prices)
        where = f"{bill.scenario.resources.size}, {arguments.egress}"
        yield f"{target.users:,} users ({where}): {usd(bill.usd)} USD a month"
        yield from (f"  {line}" for line in compare_with_target(bill))
    yield "With all lines, sources and assumptions: cgraph cost --users N, or docs/cost.md."


def _measure() -> int:
    import httpx
    import psycopg
    import redis

    from cgraph_local.core.home import Home
    from cgraph_local.cost.measure import measure

    try:
        measure(Home.from_environment(), into=MEASUREMENTS_FILE, print_line=print)
    except (psycopg.OperationalError, redis.ConnectionError, httpx.HTTPError) as error:
        print(f"{error}\nThe local cloud must run, and be ready: see its console.", file=sys.stderr)
        return 1
    return 0
