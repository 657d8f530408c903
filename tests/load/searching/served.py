"""Times `GET /search` in systems with different numbers of documents, in turns."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from tests.load.crowd import create_users
from tests.load.figures import quantiles
from tests.load.rows import bulk_connection
from tests.load.searching.queries import WORDS
from tests.load.searching.rows import write_search_documents
from tests.load.searching.shown import write_shown_rows
from tests.load.session import Session, start
from tests.person import Person
from tests.system import LocalSystem

GOAL = 1.3
KINDS = ("common", "rare", "prefix", "typo", "CJK")
WITHIN: Mapping[str, Mapping[str, str]] = {
    "search": {},
    "search within 1,000 conversations": {"type": "message"},
}
WARM_UP_CALLS = 7
"""The sixth call of a function's statement gets the plan that stays."""


@dataclass(frozen=True, slots=True)
class ServedTime:
    """Milliseconds until the answer is there, at the smaller and at the larger size. `hits`: on the
    pages.
    """

    series: str
    query: str
    sizes: tuple[int, int]
    medians: tuple[float, float]
    p95: tuple[float, float]
    hits: tuple[int, int]

    @property
    def ratio(self) -> float:
        return self.p95[1] / max(0.001, self.p95[0])


async def served_searches(session: Session) -> list[ServedTime]:
    sizes = session.sizes
    small, large = sizes.flat_documents
    async with _filled(session, small) as first, _filled(session, large) as second:
        return [
            await _measure(
                {small: first, large: second}, series, kind, calls=sizes.searches, filters=filters
            )
            for series, filters in WITHIN.items()
            for kind in KINDS
        ]


def lines(times: Sequence[ServedTime]) -> Iterator[str]:
    small, large = times[0].sizes
    yield "ms until a search is answered: median and 95th percentile; the ratio of the latter"
    yield f"{'':<52}{small:>19,}{large:>19,}     ratio"
    for one in times:
        pairs = zip(one.medians, one.p95, strict=True)
        figures = "".join(f"{median:>10.1f}{p95:>9.1f}" for median, p95 in pairs)
        goal = "✓" if one.ratio <= GOAL else "✗"
        yield f"  {one.series}: {one.query}".ljust(52) + f"{figures}   {one.ratio:.2f} × {goal}"


@asynccontextmanager
async def _filled(session: Session, size: int) -> AsyncIterator[Person]:
    """Somebody in a system with so many documents."""
    session.progress.print(f"a system with {size:,} documents")
    system, _ = await asyncio.to_thread(start, session.folder / f"served-{size}")
    try:
        yield await asyncio.to_thread(_fill, system, size)
    finally:
        await system.close()
        await asyncio.to_thread(system.stop)


def _fill(system: LocalSystem, size: int) -> Person:
    (person,) = create_users(system, 1)
    with bulk_connection(system.endpoints.admin_conninfo) as connection:
        connection.execute("TRUNCATE search_words, search_documents")
        write_search_documents(connection, documents=size)
        write_shown_rows(connection, user=UUID(person.id))
    return person


async def _measure(
    people: Mapping[int, Person],
    series: str,
    kind: str,
    *,
    calls: int,
    filters: Mapping[str, str],
) -> ServedTime:
    times: dict[int, list[float]] = {size: [] for size in people}
    hits = dict.fromkeys(people, 0)
    searches = WORDS[kind]
    for number in range(WARM_UP_CALLS + calls):
        words = searches[number % len(searches)]
        phrases = (f'"{phrase}"' for phrase in words.phrases)
        q = " ".join([*words.all, *phrases]) + ("" if words.last_is_begun else " ")
        for size, person in people.items():
            began = time.perf_counter()
            answer = await person.get("/search", q=q, **filters)
            if number >= WARM_UP_CALLS:
                times[size].append(1000 * (time.perf_counter() - began))
                hits[size] += len(answer["items"])
    small, large = (quantiles(times[size]) for size in people)
    return ServedTime(
        series,
        kind,
        (min(people), max(people)),
        (small.p50, large.p50),
        (small.p95, large.p95),
        (hits[min(people)], hits[max(people)]),
    )
