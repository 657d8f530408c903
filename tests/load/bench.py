"""`make bench`: measures speed and memory on this machine."""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cgraph_local.core.home import Home
from cgraph_local.core.progress import Progress
from tests.load.machine import machine
from tests.load.parts import Part, chosen
from tests.load.report import page, text
from tests.load.report.page import Measured
from tests.load.session import new_session
from tests.load.sizes import Sizes, sizes


async def bench(
    parts: Sequence[Part[Any]], sizes: Sizes, *, progress: Progress
) -> dict[str, Measured]:
    """Prints each result when it is there."""
    here = machine()
    print(f"{text.machine(here)}; load average before: {here.load_before}", flush=True)
    figures: dict[str, Measured] = {}
    async with new_session(sizes, progress) as session:
        for part in parts:
            before, began = machine(), time.monotonic()
            result = await part.measure(session)
            seconds = time.monotonic() - began
            figures[part.name] = Measured(before, sizes.name, seconds, result)
            _show(part, part.lines(result), seconds=seconds)
    return figures


def _show(part: Part[Any], lines: Iterable[str], *, seconds: float) -> None:
    print("\n".join(["", f"{part.title} ({seconds:.0f} s)", *lines, ""]), flush=True)


def _write(figures: dict[str, Measured]) -> Path:
    folder = Home.from_environment().folder("bench")
    path = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json"
    path.write_text(page.figures_json(figures))
    return path


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--only", default="", help="names of parts, with commas in between")
    parser.add_argument("--full", action="store_true", help="also ten million messages")
    parser.add_argument("--report", action="store_true", help="write docs/benchmarks")
    parser.add_argument(
        "--quick", action="store_true", help="run for a few seconds; the results mean nothing"
    )
    arguments = parser.parse_args()
    try:
        parts = chosen(arguments.only)
    except ValueError as error:
        parser.error(str(error))
    progress = Progress()
    how_much = sizes(quick=arguments.quick, full=arguments.full)
    figures = asyncio.run(bench(parts, how_much, progress=progress))
    taken = time.monotonic() - progress.started
    print(f"{taken:.0f} s in total; the figures as JSON: {_write(figures)}")
    if arguments.report:
        page.write(figures)
        print(f"the report: {page.FOLDER / page.REPORT}")


if __name__ == "__main__":
    main()
