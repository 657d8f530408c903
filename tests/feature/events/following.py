"""A consumer for tests, which notes what it gets. It runs in an execution environment."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from cgraph.core import loop
from cgraph.core.database import Transaction
from cgraph.core.encoding import encode_json
from cgraph.events.consumers import (
    Consumer,
    LoggedEvent,
    Overtaken,
    Unavailable,
    consume_batch,
    retry_failed,
)

NOTES = (
    """
    CREATE TABLE IF NOT EXISTS notes (
        place bigserial, consumer text NOT NULL, stream_id uuid NOT NULL, seq bigint NOT NULL,
        content jsonb NOT NULL)
    """,
    "GRANT ALL ON notes, notes_place_seq TO cgraph",
)


def consumer(name: str, *, shards: int, batch: int) -> Consumer:
    """What an event's payload has as `fails` happens to its consumer."""

    async def note(tx: Transaction, events: Sequence[LoggedEvent]) -> None:
        for event in events:
            await tx.execute(
                """
                INSERT INTO notes (consumer, stream_id, seq, content)
                VALUES (%(consumer)s, %(stream_id)s, %(seq)s, %(content)s::jsonb)
                """,
                {
                    "consumer": name,
                    "stream_id": event.stream_id,
                    "seq": event.seq,
                    "content": encode_json(event.payload),
                },
            )
            match event.payload.get("fails"):
                case "always":
                    raise ValueError("an event that nobody expected")
                case "away":
                    raise Unavailable("the engine")

    return Consumer(name, frozenset({"test.happened"}), note, shards=shards, batch=batch)


def consume(name: str, shard: int = 0, shards: int = 1, batch: int = 500) -> dict[str, Any]:
    """One batch."""
    try:
        one = consumer(name, shards=shards, batch=batch)
        return asdict(loop.run(consume_batch(one, shard=shard)))
    except (Unavailable, Overtaken) as error:
        return {"raised": type(error).__name__}


def catch_up(name: str, shard: int = 0, shards: int = 1, batch: int = 500) -> int:
    """The number of events of all batches until there is nothing more."""
    total = 0
    while not (done := consume(name, shard, shards, batch))["caught_up"] or done["waits"]:
        total += done["events"]
        if done["waits"]:  # for an autovacuum, say
            time.sleep(0.02)
    return total


def retry(name: str) -> bool:
    """Whether one was due."""
    return loop.run(retry_failed(consumer(name, shards=1, batch=500), shard=0))
