"""`cgraph cost`"""

import argparse
import sys
from collections.abc import Iterator

from cgraph_local.cost import document
from cgraph_local.cost.assumptions import UnknownAssumption, changes_from
from cgraph_local.cost.bill import BANDS, bill
from cgraph_local.cost.measurements import MEASURED
from cgraph_local.cost.prices import PriceSheet, UnknownPrice
from cgraph_local.cost.report import report, usd, verdict
from cgraph_local.cost.savings import savings
from cgraph_local.cost.scenario import Scenario

MOST = 100_000_000


def main(arguments: argparse.Namespace) -> int:
    try:
        return _main(arguments)
    except (UnknownAssumption, UnknownPrice) as error:
        print(error, file=sys.stderr)
        return 2


def _main(arguments: argparse.Namespace) -> int:
    if arguments.users is not None and not 1 <= arguments.users <= MOST:
        print(f"--users: from 1 to {MOST:,} people", file=sys.stderr)
        return 2
    if arguments.measure:
        return _measure()
    if arguments.write:
        for path in document.write():
            print(f"written: {path}")
    else:
        for line in _answer(arguments):
            print(line)
    return 0


def _answer(arguments: argparse.Namespace) -> Iterator[str]:
    prices = PriceSheet.read()
    changes = changes_from(arguments.assumptions, arguments.assume)
    egress, size = arguments.egress, arguments.size
    if arguments.users is not None:
        scenario = Scenario.of(arguments.users, egress=egress, size=size, changes=changes)
        yield from report(bill(scenario, prices), savings(scenario, prices), changed=changes)
        return
    for band in BANDS:
        one = bill(Scenario.of(band.users, egress=egress, size=size, changes=changes), prices)
        where = f"{one.scenario.stacks.size}, {egress}"
        yield f"{band.users:,} people ({where}): {usd(one.usd)} USD a month"
        yield from (f"  {line}" for line in verdict(one))
    yield "Line by line, with sources and assumptions: cgraph cost --users N; or docs/cost.md."


def _measure() -> int:
    import httpx
    import psycopg
    import redis

    from cgraph_local.core.home import Home
    from cgraph_local.cost.measure import measure

    try:
        measure(Home.from_environment(), into=MEASURED, print_line=print)
    except (psycopg.OperationalError, redis.ConnectionError, httpx.HTTPError) as error:
        print(f"{error}\nThe local cloud must run, and be ready: see its console.", file=sys.stderr)
        return 1
    return 0
