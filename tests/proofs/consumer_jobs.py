"""A consumer of the log whose function dies at chosen places, and which counts what it does."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import psycopg

from tests.proofs.broken import Mutation
from tests.system import LocalSystem

STREAMS = 20
LIMIT_SECONDS = 240.0

COUNTS = Mutation(
    "layers/cgraph/cgraph/search/consumer.py",
    original="CONSUMER = Consumer(NAME, TYPES, index_documents)\n",
    replacement="""\
import os, random, signal
from cgraph.core import cache
from cgraph.core.settings import settings

PLACES = ("between two effects", "before the position", "before the commit", "after the commit")
dies = ""


def die(place):
    if place == dies:
        os.kill(os.getpid(), signal.SIGKILL)


async def count_jobs(tx, events):
    global dies
    draws = not dies and not any(event.payload["is_poisoned"] for event in events)
    [left, *_] = await cache.run(
        ("DECRBY", "jobs:deaths", int(draws)),
        *(("HINCRBY", "jobs:deliveries", f"{each.stream_id} {each.seq}", 1) for each in events),
    )
    dies = PLACES[left % 4] if draws and left >= 0 else dies
    last = random.randrange(len(events))
    for place, event in enumerate(events):
        if event.payload["is_poisoned"]:
            raise ValueError("poisoned")
        await tx.execute(
            "INSERT INTO job_effects (stream_id, seq) VALUES (%(stream_id)s, %(seq)s)",
            {"stream_id": event.stream_id, "seq": event.seq},
        )
        if place == last:
            die(PLACES[0])
    die(PLACES[1])


settings().consumer_queue_urls["jobs"] = settings().consumer_queue_urls[NAME]
CONSUMER = Consumer("jobs", frozenset({"test.job"}), count_jobs, batch=50)
""",
)
DIES_LATER = Mutation(
    "layers/cgraph/cgraph/events/consumers.py",
    original="""\
            raise Overtaken
    return Progress(len(events), caught_up=False)
""",
    replacement="""\
            raise Overtaken
        import sys
        jobs = sys.modules["cgraph.search.consumer"]
        jobs.die(jobs.PLACES[2])
    jobs.die(jobs.PLACES[3])
    return Progress(len(events), caught_up=False)
""",
)
RETRIES_AT_ONCE = Mutation(
    "layers/cgraph/cgraph/events/consumers.py",
    original="RETRY_SECONDS = 5\n",
    replacement="RETRY_SECONDS = 0\n",
)
JOBS = (COUNTS, DIES_LATER, RETRIES_AT_ONCE)


@dataclass(frozen=True, slots=True)
class Outcome:
    """`effects`: of each job, by stream and number, in the order in which they took place."""

    effects: list[tuple[UUID, int]]
    set_aside: set[tuple[UUID, int]]
    deliveries: Counter[int]
    nudges: int


@dataclass(frozen=True, slots=True)
class Jobs:
    system: LocalSystem
    wanted: set[tuple[UUID, int]]
    poisoned: set[tuple[UUID, int]]

    async def outcome(self) -> Outcome:
        """When all are done; at the latest after some minutes. Each round nudges one to three
        times, and one that dies leaves its nudge in the queue."""
        chance, nudges = random.Random(11), 0
        clock = asyncio.get_running_loop().time
        limit = clock() + LIMIT_SECONDS
        while clock() < limit and not self._is_done():
            again = chance.randint(1, 3)
            for _ in range(again):
                await asyncio.to_thread(self.system.invoke, "WatchConsumers", {})
            nudges += again
            await asyncio.sleep(0.2)
        with self.system.valkey() as valkey:
            counts = valkey.hvals("jobs:deliveries")
        return Outcome(
            effects=self._rows("SELECT stream_id, seq FROM job_effects ORDER BY place"),
            set_aside=set(
                self._rows(
                    "SELECT stream_id, seq FROM failed_events "
                    "WHERE consumer = 'jobs' AND retry_at IS NULL"
                )
            ),
            deliveries=Counter(map(int, counts)),
            nudges=nudges,
        )

    def _is_done(self) -> bool:
        """In one statement: the consumer may begin between two."""
        [(begun, behind, failed)] = self.system.query(
            """
            SELECT (SELECT count(*) FROM consumers WHERE name = 'jobs'),
                   (SELECT count(*) FROM events e JOIN consumers c ON e.xid >= c.since
                    WHERE c.name = 'jobs' AND e.type = 'test.job'),
                   (SELECT count(*) FROM failed_events WHERE retry_at IS NOT NULL)
            """
        )
        return (begun, behind, failed) == (1, 0, 0)

    def _rows(self, query: str) -> list[tuple[UUID, int]]:
        return [(stream, int(seq)) for stream, seq in self.system.query(query)]


@asynccontextmanager
async def new_jobs(
    system: LocalSystem, *, number: int, poisoned: int, deaths: int
) -> AsyncIterator[Jobs]:
    """In the log of a system that runs JOBS: the consumer `jobs` has the queue of `search`."""
    with psycopg.connect(system.endpoints.admin_conninfo, autocommit=True) as connection:
        forget(connection)
        connection.execute("CREATE TABLE job_effects (place bigserial, stream_id uuid, seq bigint)")
        connection.execute("GRANT ALL ON job_effects, job_effects_place_seq TO cgraph")
        rows = connection.execute(
            """
            WITH streams AS (
                SELECT place, gen_random_uuid() AS id FROM generate_series(0, %(streams)s - 1) place
            ), jobs AS (
                SELECT n, s.id, n / %(streams)s + 1 AS seq
                FROM generate_series(0, %(number)s - 1) n
                JOIN streams s ON s.place = n %% %(streams)s
            ), poisoned AS (
                SELECT n FROM jobs ORDER BY random() LIMIT %(poisoned)s
            )
            INSERT INTO events (stream_id, seq, type, payload, created_at)
            SELECT id, seq, 'test.job',
                   jsonb_build_object('is_poisoned', n IN (SELECT n FROM poisoned)), now()
            FROM jobs RETURNING stream_id, seq, (payload ->> 'is_poisoned')::boolean
            """,
            {"streams": STREAMS, "number": number, "poisoned": poisoned},
        ).fetchall()
        with system.valkey() as valkey:
            valkey.delete("jobs:deliveries")
            valkey.set("jobs:deaths", deaths)
        try:
            bad = {(stream, seq) for stream, seq, is_poisoned in rows if is_poisoned}
            yield Jobs(system, {(stream, seq) for stream, seq, _ in rows} - bad, bad)
        finally:
            forget(connection)


def forget(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    connection.execute("DROP TABLE IF EXISTS job_effects")
    connection.execute("DELETE FROM events WHERE type = 'test.job'")
    connection.execute("DELETE FROM consumers WHERE name = 'jobs'")
    connection.execute("DELETE FROM failed_events WHERE consumer = 'jobs'")
