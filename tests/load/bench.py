"""`make bench`: measures speed and memory on this machine. `--quick` only tests the bench."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cgraph_local.core.home import Home
from cgraph_local.core.progress import Progress
from tests.load import imports, measure, report
from tests.load.catching_up import catch_up
from tests.load.feeds import compare
from tests.load.measure import FULL, QUICK, Sizes, Stage
from tests.load.routes import ROUTES, Population, populate
from tests.load.voting import measure_votes
from tests.system import LocalSystem


async def bench(sizes: Sizes, *, progress: Progress) -> dict[str, Any]:
    """Returns all results, as the JSON file contains them."""
    machine_info = measure.machine()
    print(report.machine(machine_info), flush=True)
    with _folder() as folder:
        figures = await _system_results(folder / "home", sizes=sizes, progress=progress)
        progress.print(f"{sizes.registered} sockets in a separate Valkey")
        registry = await measure.registry(folder / "registry", sizes=sizes)
        _show(report.registry(registry))
    names = imports.modules() if sizes is FULL else imports.modules()[:1]
    progress.print(f"importing {len(names)} functions, {sizes.import_rounds} times each")
    times = imports.measure(names, rounds=sizes.import_rounds)
    _show(report.imports(times))
    return {
        "machine": asdict(machine_info),
        **figures,
        "registry": asdict(registry),
        "imports": asdict(times),
    }


async def _system_results(home: Path, *, sizes: Sizes, progress: Progress) -> dict[str, Any]:
    progress.print("starting the local cloud on an empty home, then again")
    system, first = measure.start(home)
    system.stop()
    system, second = measure.start(home)
    try:
        _show(report.starts(first, second))
        memory = await measure.at_rest(system, sizes=sizes)
        _show(report.memory(memory))
        progress.print(f"{sizes.people} people exchange messages")
        population = await populate(system, people=sizes.people, neighbours=sizes.neighbours)
        stages = await _loads(system, population, sizes=sizes, progress=progress)
        _show(report.stages(stages))
        _show(report.cpu(stages, cores=os.cpu_count() or 1))
        progress.print(f"two sockets, {measure.RATE} messages/s for {sizes.exchange_seconds:.0f} s")
        delivery = await measure.exchange(system, population, sizes=sizes)
        _show(report.delivery(delivery, rate=measure.RATE))
        progress.print(f"{sizes.fan_outs} messages to {sizes.listeners} sockets each")
        fan_out = await measure.fan_out(system, sizes=sizes)
        _show(report.fan_out(fan_out))
        progress.print(f"{sizes.missed} missed events, then {sizes.behind} streams in one call")
        times = await catch_up(
            system, missed=sizes.missed, streams=sizes.behind, rounds=sizes.syncs
        )
        _show(report.catch_up(times))
        progress.print("votes for one post, and for many")
        voting = await measure_votes(system, seconds=sizes.voting_seconds)
        _show(report.voting(voting))
        progress.print(f"{sizes.pages} pages of each list of posts, in a small and a large forum")
        feeds = await compare(system, posts=sizes.posts, pages=sizes.pages)
        _show(report.feeds(feeds))
    finally:
        await system.close()
        system.stop()
    return {
        "start_seconds": {"empty": first, "again": second},
        "memory_mb": memory,
        "stages": [asdict(stage) for stage in stages],
        "delivery": asdict(delivery),
        "fan_out": asdict(fan_out),
        "catch_up": asdict(times),
        "voting": asdict(voting),
        "feeds": asdict(feeds),
    }


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="cgraph-bench-") as folder:
        path = Path(folder)
        path.chmod(0o711)  # Postgres runs as another user if the bench runs as root
        yield path


async def _loads(
    system: LocalSystem, population: Population, *, sizes: Sizes, progress: Progress
) -> list[Stage]:
    stages: list[Stage] = []
    for route in ROUTES:
        progress.print(f"{route.name} on {', '.join(map(str, sizes.connections))} connections")
        for connections in sizes.connections:
            first = stages[-1].outcome.last if stages else 0
            stages.append(
                await measure.load(
                    system, population, route, connections=connections, first=first, sizes=sizes
                )
            )
    return stages


def _show(lines: Iterable[str]) -> None:
    print("\n" + "\n".join(lines) + "\n", flush=True)


def _write(figures: dict[str, Any]) -> Path:
    folder = Home.from_environment().folder("bench")
    path = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json"
    path.write_text(json.dumps(figures, indent=2) + "\n")
    return path


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="run for a few seconds; the results mean nothing"
    )
    sizes = QUICK if parser.parse_args().quick else FULL
    progress = Progress()
    figures = asyncio.run(bench(sizes, progress=progress))
    taken = time.monotonic() - progress.started
    print(f"{taken:.0f} s in total; the results as JSON: {_write({**figures, 'seconds': taken})}")


if __name__ == "__main__":
    main()
