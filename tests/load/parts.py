"""The parts of the bench, in the order in which they run. `make bench ONLY=…` takes their names."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from tests.load import comparison, fan_out, imports, load, measure, uploading
from tests.load.catching_up import CatchUpTimes, catch_up
from tests.load.comparison import Comparison
from tests.load.delivery import Delivery
from tests.load.fan_out import OpeningRate, Point
from tests.load.flatness.measure import Curve, flatness
from tests.load.imports import ImportTimes
from tests.load.load import Stage
from tests.load.measure import Footprint
from tests.load.registry import RegistryMemory
from tests.load.relevance import bench as relevance
from tests.load.relevance.bench import JudgedRun
from tests.load.report import compared, plots, text
from tests.load.report.plots import Picture
from tests.load.searching import bulk, found, served
from tests.load.searching import measure as searching
from tests.load.searching.bulk import BulkRates, bulk_rates
from tests.load.searching.found import FoundTimes
from tests.load.searching.measure import SearchTime, search_flatness
from tests.load.searching.served import ServedTime, served_searches
from tests.load.session import Session
from tests.load.uploading import UploadTimes, measure_uploads
from tests.load.voting import Voting, measure_votes

Result = TypeVar("Result")


def _no_pictures(_: Any) -> Iterator[Picture]:
    return iter(())


@dataclass(frozen=True, slots=True)
class Part(Generic[Result]):
    """`lines`: the result as text. `pictures`: of the report."""

    name: str
    title: str
    result: type[Result]
    measure: Callable[[Session], Awaitable[Result]]
    lines: Callable[[Result], Iterator[str]]
    pictures: Callable[[Result], Iterator[Picture]] = _no_pictures


async def _catch_up(session: Session) -> CatchUpTimes:
    sizes = session.sizes
    session.progress.print(f"{sizes.missed} missed events, then {sizes.behind} streams in one call")
    return await catch_up(
        session.system, missed=sizes.missed, streams=sizes.behind, rounds=sizes.syncs
    )


async def _votes(session: Session) -> Voting:
    session.progress.print("votes for one post, and for many")
    return await measure_votes(session.system, seconds=session.sizes.voting_seconds)


async def _imports(session: Session) -> ImportTimes:
    names = imports.modules()[: session.sizes.imported]
    rounds = session.sizes.import_rounds
    session.progress.print(f"importing {len(names)} functions, {rounds} times each")
    return await asyncio.to_thread(imports.measure, names, rounds=rounds)


PARTS: tuple[Part[Any], ...] = (
    Part("memory", "Start and memory", Footprint, measure.footprint, text.footprint),
    Part(
        "routes",
        "Six routes, ours and a monolith's",
        Comparison,
        comparison.compare,
        compared.comparison,
        plots.comparison,
    ),
    Part("load", "Our routes by connections", list[Stage], load.load_routes, text.load),
    Part("delivery", "From one socket to another", Delivery, measure.exchange, text.delivery),
    Part(
        "fan-out",
        "Fan-out",
        list[Point],
        fan_out.fan_out,
        compared.fan_out,
        plots.fan_out,
    ),
    Part("opening", "Opening sockets", list[OpeningRate], fan_out.opening, compared.opening),
    Part("catch-up", "Catching up", CatchUpTimes, _catch_up, text.catch_up),
    Part("votes", "Votes", Voting, _votes, text.voting),
    Part("flatness", "Flatness", list[Curve], flatness, compared.flatness, plots.flatness),
    Part(
        "search-flatness",
        "Search by size",
        list[SearchTime],
        search_flatness,
        searching.lines,
        plots.search_flatness,
    ),
    Part(
        "served-searches",
        "Searches over HTTP by size",
        list[ServedTime],
        served_searches,
        served.lines,
        plots.served_searches,
    ),
    Part(
        "found",
        "From written to found",
        list[FoundTimes],
        found.found,
        found.lines,
        plots.found_times,
    ),
    Part(
        "bulk",
        "Documents into OpenSearch",
        BulkRates,
        bulk_rates,
        bulk.lines,
        plots.bulk_rates,
    ),
    Part("relevance", "Relevance", list[JudgedRun], relevance.measure, relevance.lines),
    Part(
        "uploads",
        "From a picture to its thumbnail",
        list[UploadTimes],
        measure_uploads,
        uploading.lines,
    ),
    Part("valkey", "Valkey's memory", RegistryMemory, measure.registry, text.registry),
    Part("imports", "Imports (cold starts)", ImportTimes, _imports, text.imports),
)


def chosen(only: str) -> list[Part[Any]]:
    """`only`: names with commas in between; empty for all. Raises ValueError."""
    names = [name.strip() for name in only.split(",") if name.strip()]
    known = [part.name for part in PARTS]
    if unknown := [name for name in names if name not in known]:
        raise ValueError(f"no part {', '.join(unknown)}; there are {', '.join(known)}")
    return [part for part in PARTS if not names or part.name in names]


def named(names: Iterable[str]) -> list[Part[Any]]:
    """Those of these names that there still are."""
    return [part for part in PARTS if part.name in set(names)]
