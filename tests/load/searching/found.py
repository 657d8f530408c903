"""Measures how long what was written takes until a search finds it, in the running system."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from tests.load.crowd import create_users
from tests.load.figures import Quantiles, goal_ratio, number, quantiles
from tests.load.searching.opensearch import MISSING, is_assembled
from tests.load.session import Session
from tests.person import Person
from tests.system import LocalSystem

P95_MS = 2000.0
SAMPLES = ("message", "post", "comment")
LIMIT_SECONDS = 30.0
FIRST_PAUSE, LONGEST_PAUSE = 0.02, 0.1


@dataclass(frozen=True, slots=True)
class FoundTimes:
    """`ms`: from the request that writes to the answer that has it. `alone`: one after another;
    `busy`: while others write, so many a second. `missing`: not found in LIMIT_SECONDS.
    """

    engine: str
    alone: Quantiles
    busy: Quantiles
    writes_per_second: float
    missing: int


@dataclass(frozen=True, slots=True)
class Places:
    conversation: str
    forum: str
    post: str


async def found(session: Session) -> list[FoundTimes]:
    """In a system without OpenSearch, and in one with it where there is one."""
    sizes = session.sizes
    numbers = {"samples": sizes.found, "writers": sizes.found_writers}
    session.progress.print("written to found, Postgres")
    results = [await found_times(session.system, engine="postgres", **numbers)]
    if is_assembled():
        session.progress.print("written to found, OpenSearch")
        folder = session.folder / "opensearch-home"
        system = await asyncio.to_thread(_start_with_opensearch, folder)
        try:
            results.append(await found_times(system, engine="opensearch", **numbers))
        finally:
            await system.close()
            await asyncio.to_thread(system.stop)
    return results


def _start_with_opensearch(folder: Path) -> LocalSystem:
    return LocalSystem.start(folder, CGRAPH_RATE_LIMITS="off", CGRAPH_SEARCH="opensearch")


def lines(results: Sequence[FoundTimes]) -> Iterator[str]:
    yield "from the request that writes to the answer of a search that has it, in ms"
    yield f"{'':<14}{'alone p50':>10}{'p95':>9}{'busy p50':>12}{'p95':>9}{'writes/s':>10}   goal"
    for one in results:
        times = f"{number(one.alone.p50):>10}{number(one.alone.p95):>9}"
        busy = f"{number(one.busy.p50):>12}{number(one.busy.p95):>9}"
        worst = max(one.alone.p95, one.busy.p95)
        goal = goal_ratio(worst, goal=P95_MS, at_most=True)
        missing = f", {one.missing} not found ✗" if one.missing else ""
        rate = number(one.writes_per_second)
        yield f"  {one.engine:<12}{times}{busy}{rate:>10}   p95 2 s: {goal}{missing}"
    if all(one.engine != "opensearch" for one in results):
        yield MISSING


async def found_times(
    system: LocalSystem, *, engine: str, samples: int, writers: int
) -> FoundTimes:
    """Of messages, posts and comments in turns."""
    person, friend, *others = create_users(system, 2 + writers)
    places = await _places(person, friend)
    for kind in SAMPLES:  # the first call of each function starts an environment
        await _written_to_found(person, places, kind)
    alone = [await _written_to_found(person, places, _kind(n)) for n in range(samples)]
    written, began = [0] * writers, time.perf_counter()
    over = asyncio.Event()
    noise = [
        asyncio.create_task(_write(other, written, position, over))
        for position, other in enumerate(others)
    ]
    try:
        busy = [await _written_to_found(person, places, _kind(n)) for n in range(samples)]
    finally:
        over.set()
        await asyncio.gather(*noise)
    seconds = time.perf_counter() - began
    return FoundTimes(
        engine=engine,
        alone=quantiles(took for took in alone if took is not None),
        busy=quantiles(took for took in busy if took is not None),
        writes_per_second=sum(written) / seconds,
        missing=[*alone, *busy].count(None),
    )


async def _places(person: Person, friend: Person) -> Places:
    conversation = await person.start_conversation(friend)
    slug = f"found-{uuid4().hex[:12]}"
    await person.request_json("POST", "/forums", body={"slug": slug, "name": "Found"})
    post = await _create_post(person, slug, "the first post")
    return Places(conversation, slug, post)


async def _create_post(person: Person, forum: str, title: str) -> str:
    body = {"kind": "text", "title": title, "body": "of this forum"}
    return str((await person.request_json("POST", f"/forums/{forum}/posts", body=body))["id"])


async def _written_to_found(person: Person, places: Places, kind: str) -> float | None:
    """Milliseconds; None where it is not found."""
    word = f"found{uuid4().hex[:12]}"
    began = time.perf_counter()
    if kind == "message":
        response = await person.send_message(places.conversation, f"about {word} again")
        assert response.status_code == 201, response.text
        id = response.json()["id"]
    elif kind == "post":
        id = await _create_post(person, places.forum, f"About {word}")
    else:
        path = f"/posts/{places.post}/comments"
        id = (await person.request_json("POST", path, body={"body": f"about {word}"}))["id"]
    pause = FIRST_PAUSE
    while time.perf_counter() - began < LIMIT_SECONDS:
        answer = await person.get("/search", q=word)
        if not answer["degraded"] and any(item["id"] == id for item in answer["items"]):
            return 1000 * (time.perf_counter() - began)
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)
    return None


async def _write(person: Person, written: list[int], position: int, over: asyncio.Event) -> None:
    conversation = await person.start_conversation()
    while not over.is_set():
        response = await person.send_message(conversation, "one more message of many")
        assert response.status_code == 201, response.text
        written[position] += 1
        await asyncio.sleep(0.05)


def _kind(number: int) -> str:
    return SAMPLES[number % len(SAMPLES)]
