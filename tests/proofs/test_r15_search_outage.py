"""R15: OpenSearch is down for 60 s while people write and search. No write fails or takes longer,
searches answer from Postgres and say so, and within 60 s of its return the index has what the
database has.

How long writes take is compared between windows with and without OpenSearch in turns, so that a
machine which becomes slower meanwhile is slower in both."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from uuid import uuid4

import pytest

from cgraph_local.services import outage
from tests.conftest import Report, Size
from tests.load.figures import median, quantiles
from tests.person import Person
from tests.proofs.broken import Mutation, broken_system
from tests.proofs.search_index import (
    SEARCH_VARIABLES,
    Difference,
    compare,
    open_folder,
    require_opensearch,
    running_with_opensearch,
)
from tests.system import LocalSystem

pytestmark = pytest.mark.usefixtures("only_in_full")
"""tests/feature/search/test_degraded.py proves in `make test` how a search goes on without it."""

WRITERS = 3
WRITE_EVERY, SEARCH_EVERY = 0.1, 0.2
SELDOM = 0.5
"""In `make test`, which waits for the breakers of a minute's outage all the same."""
RESTORED_SECONDS = 60.0
SLOWER_AT_MOST = 1.10
TIMED_OUT = 504
"""Of a machine that is too busy: the client tries again."""
WINDOW_SECONDS = 15.0
START_SECONDS = 90.0
"""Of OpenSearch, on a busy machine; on an idle one it takes 4."""

GIVES_UP = Mutation(
    "layers/cgraph/cgraph/search/opensearch/consumer.py",
    """changes=[*read.documents, *gone],
            )
        except EngineUnavailable as error:
            raise Unavailable(str(error)) from error
""",
    """changes=[*read.documents, *gone],
            )
        except EngineUnavailable:
            continue
""",
)


@pytest.fixture(scope="module")
async def searched() -> AsyncIterator[LocalSystem]:
    async with running_with_opensearch() as system:
        yield system


@dataclass(slots=True)
class Writes:
    """`statuses` and `seconds` of the writes, by the phase in which they began. `sent`: the words
    by which messages are found, by the phase. `timed_out`: how many requests, by the phase."""

    conversation: str
    every: float = WRITE_EVERY
    phase: str = "starting"
    statuses: dict[str, set[int]] = field(default_factory=dict)
    seconds: dict[str, list[float]] = field(default_factory=dict)
    sent: dict[str, list[str]] = field(default_factory=dict)
    timed_out: Counter[str] = field(default_factory=Counter)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def write(self, person: Person) -> None:
        """Messages, of which some are edited and some deleted later."""
        for number in count():
            if self.over.is_set():
                return
            id, word = await self._send(person)
            if number % 3 == 1:
                await self._request(
                    person, "PATCH", f"/messages/{id}", {"content": f"{word} again", "version": 1}
                )
            elif number % 3 == 2:
                await self._request(person, "DELETE", f"/messages/{id}")
            else:
                self.sent.setdefault(self.phase, []).append(word)
            await asyncio.sleep(self.every)

    def p95(self, phase: str) -> float:
        return quantiles(self.seconds[phase]).p95

    async def send(self, person: Person) -> str:
        """Returns the word that finds the message."""
        return (await self._send(person))[1]

    async def _send(self, person: Person) -> tuple[str, str]:
        word = f"word{uuid4().hex[:12]}"
        body = {
            "conversation_id": self.conversation,
            "content": f"about {word}",
            "nonce": uuid4().hex,
        }
        return str((await self._request(person, "POST", "/messages", body))["id"]), word

    async def _request(
        self, person: Person, method: str, path: str, body: object = None
    ) -> dict[str, object]:
        phase, began = self.phase, time.perf_counter()
        response = await person.request(method, path, body=body)
        is_repeated = response.status_code == TIMED_OUT
        while response.status_code == TIMED_OUT and not self.over.is_set():
            self.timed_out[phase] += 1
            response = await person.request(method, path, body=body)
        self.seconds.setdefault(phase, []).append(time.perf_counter() - began)
        if is_repeated and response.status_code in (404, 409):  # the first request did it
            return {}
        self.statuses.setdefault(phase, set()).add(response.status_code)
        assert response.is_success, response.text
        return dict(response.json()) if response.content else {}


@dataclass(slots=True)
class Searches:
    """`degraded`: what the answers said, by the phase in which the search began and ended."""

    writes: Writes
    every: float = SEARCH_EVERY
    statuses: set[int] = field(default_factory=set)
    degraded: dict[str, list[bool]] = field(default_factory=dict)
    slowest: dict[str, float] = field(default_factory=dict)

    async def search(self, person: Person) -> None:
        while not self.writes.over.is_set():
            await self.search_once(person, "about")
            await asyncio.sleep(self.every)

    async def search_once(self, person: Person, word: str) -> dict[str, object]:
        phase, began = self.writes.phase, time.perf_counter()
        response = await person.request("GET", "/search", q=word)
        while response.status_code == TIMED_OUT and not self.writes.over.is_set():
            self.writes.timed_out[phase] += 1
            response = await person.request("GET", "/search", q=word)
        self.statuses.add(response.status_code)
        assert response.is_success, response.text
        answer = dict(response.json())
        if phase == self.writes.phase:
            self.degraded.setdefault(phase, []).append(answer["degraded"])
            took = time.perf_counter() - began
            self.slowest[phase] = max(took, self.slowest.get(phase, 0.0))
        return answer

    async def wait_found(self, person: Person, word: str, *, degraded: bool) -> None:
        pause = 0.05
        async with asyncio.timeout(RESTORED_SECONDS):
            while True:
                answer = await self.search_once(person, word)
                if answer["items"] and answer["degraded"] is degraded:
                    return
                await asyncio.sleep(pause)
                pause = min(2 * pause, 1.0)


async def test_an_outage_of_opensearch_harms_neither_writes_nor_the_index(
    searched: LocalSystem, size: Size, report: Report
) -> None:
    people, conversation = await searched.group(WRITERS + 1)
    *writers, searcher = people
    writes = Writes(conversation, every=size(SELDOM, WRITE_EVERY))
    searches = Searches(writes, every=size(SELDOM, SEARCH_EVERY))
    seconds = size(1.0, 60.0)
    windows = size(0, 4)
    async with working(writes, searches, writers, searcher):
        await _wait_sent(writes, "starting")
        await searches.wait_found(searcher, writes.sent["starting"][0], degraded=False)
        for number in range(windows):
            await _window(searched, searches, searcher, number)
        writes.phase = "before"
        await asyncio.sleep(seconds)
        await _wait_sent(writes, "before")
        await searches.wait_found(searcher, writes.sent["before"][0], degraded=False)
        async with opensearch_down(searched):
            writes.phase = "down"
            await asyncio.sleep(seconds)
            await _wait_sent(writes, "down")
            for phase in ("before", "down"):
                await searches.wait_found(searcher, writes.sent[phase][-1], degraded=True)
            writes.phase = "returning"
        writes.phase = "back"
        returned = time.perf_counter()
        await searches.wait_found(searcher, writes.sent["down"][-1], degraded=False)
        restored_in = time.perf_counter() - returned
    difference = await _wait_equal(searched, since=returned)
    report(
        "R15 OpenSearch gone",
        down=f"{seconds:.0f} s",
        writes={phase: len(some) for phase, some in writes.seconds.items()},
        p95_ms={phase: round(1000 * writes.p95(phase), 1) for phase in writes.seconds},
        degraded={phase: sum(some) for phase, some in searches.degraded.items()},
        searches={phase: len(some) for phase, some in searches.degraded.items()},
        slowest={phase: f"{took:.2f} s" for phase, took in searches.slowest.items()},
        restored_in=f"{restored_in:.1f} s",
        equal_after=f"{time.perf_counter() - returned:.1f} s",
        documents=difference.documents,
    )
    timed_out = sum(number for phase, number in writes.timed_out.items() if "down" in phase)
    assert timed_out <= 1 + 2 * (writes.timed_out.total() - timed_out), writes.timed_out
    assert {status for some in writes.statuses.values() for status in some} <= {200, 201, 204}
    assert searches.statuses == {200}
    assert not any(searches.degraded["before"]) and all(searches.degraded["down"])
    assert difference.documents > 0 and difference.is_none, difference
    if windows:
        ratios = [writes.p95(f"down {n}") / writes.p95(f"calm {n}") for n in range(windows)]
        report("R15 p95 of writes, without OpenSearch by with it", ratios=ratios)
        assert median(ratios) <= SLOWER_AT_MOST, ratios


async def _window(system: LocalSystem, searches: Searches, searcher: Person, number: int) -> None:
    """Some time with OpenSearch, and as much without it, in neither of which it starts or stops."""
    writes = searches.writes
    writes.phase = f"calm {number}"
    await asyncio.sleep(WINDOW_SECONDS)
    writes.phase = "stopping"
    async with opensearch_down(system):
        writes.phase = f"down {number}"
        await asyncio.sleep(WINDOW_SECONDS)
        await _wait_sent(writes, writes.phase)
        word = writes.sent[writes.phase][-1]
        writes.phase = "returning"
    await searches.wait_found(searcher, word, degraded=False)


@pytest.mark.usefixtures("only_in_full")
async def test_a_consumer_that_gives_up_loses_documents() -> None:
    """What is written while OpenSearch is away."""
    require_opensearch()
    with open_folder() as folder:
        await _lose_documents(folder)


async def _lose_documents(folder: Path) -> None:
    async with broken_system(folder, GIVES_UP, **SEARCH_VARIABLES) as broken:
        people, conversation = await broken.group(2)
        writer, searcher = people
        writes = Writes(conversation)
        searches = Searches(writes)
        first = await writes.send(writer)
        await searches.wait_found(searcher, first, degraded=False)
        async with opensearch_down(broken):
            down = await writes.send(writer)
            await searches.wait_found(searcher, down, degraded=True)
        last = await writes.send(writer)
        await searches.wait_found(searcher, last, degraded=False)
        assert compare(broken).missing


@asynccontextmanager
async def opensearch_down(system: LocalSystem) -> AsyncIterator[None]:
    """Killed and kept down; at the end started again."""
    with ExitStack() as down:
        held = outage.outage(system.home, "opensearch", start_seconds=START_SECONDS)
        await asyncio.to_thread(down.enter_context, held)
        yield
        await asyncio.to_thread(down.close)


@asynccontextmanager
async def working(
    writes: Writes, searches: Searches, writers: Sequence[Person], searcher: Person
) -> AsyncIterator[None]:
    """Meanwhile; waits for the last responses. What fails ends it."""
    async with AsyncExitStack() as stack:
        group = await stack.enter_async_context(asyncio.TaskGroup())
        for person in writers:
            group.create_task(writes.write(person))
        group.create_task(searches.search(searcher))
        try:
            yield
        finally:
            writes.over.set()


async def _wait_sent(writes: Writes, phase: str) -> None:
    """Until a message of this phase can be searched, however busy the machine is."""
    async with asyncio.timeout(RESTORED_SECONDS):
        while not writes.sent.get(phase):
            await asyncio.sleep(0.05)


async def _wait_equal(system: LocalSystem, *, since: float) -> Difference:
    """The last difference within RESTORED_SECONDS since then."""
    pause = 0.1
    while True:
        difference = await asyncio.to_thread(compare, system)
        if difference.is_none or time.perf_counter() - since > RESTORED_SECONDS:
            return difference
        await asyncio.sleep(pause)
        pause = min(2 * pause, 2.0)
