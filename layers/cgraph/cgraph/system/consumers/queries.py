"""What is read and changed of all consumers, by operators and timers."""

from datetime import datetime

from cgraph.core.database import Transaction
from cgraph.system.consumers.models import ConsumerState, FailedEvent

BEHIND_AT_MOST = 10_000


async def consumers(tx: Transaction) -> list[ConsumerState]:
    """All of them. `behind`, `lag_seconds`: of all events of the log, of the shard that is furthest
    behind; those of a window that is begun count until it is done."""
    return await tx.fetch(
        ConsumerState,
        """
        SELECT c.name, c.shards, later.behind, later.lag_seconds, coalesce(f.failed, 0) AS failed,
               coalesce(f.set_aside, 0) AS set_aside
        FROM (
            SELECT name, max(shards) AS shards, min(since) AS since,
                   min(since_at) - interval '1 day' AS after
            FROM consumers GROUP BY name
        ) c
        CROSS JOIN LATERAL (
            SELECT count(*)::integer AS behind,
                   coalesce(extract(epoch FROM now() - min(e.created_at)), 0)::float8
                       AS lag_seconds
            FROM (
                SELECT created_at FROM events WHERE xid >= c.since AND created_at >= c.after
                ORDER BY xid LIMIT %(at_most)s
            ) e
        ) later
        LEFT JOIN LATERAL (
            SELECT count(*) FILTER (WHERE retry_at IS NOT NULL)::integer AS failed,
                   count(*) FILTER (WHERE retry_at IS NULL)::integer AS set_aside
            FROM failed_events WHERE consumer = c.name
        ) f ON true
        ORDER BY c.name
        """,
        {"at_most": BEHIND_AT_MOST},
    )


async def failed_events(tx: Transaction, *, name: str, limit: int) -> list[FailedEvent]:
    """The newest first."""
    return await tx.fetch(
        FailedEvent,
        """
        SELECT number, stream_id, seq, type, created_at, reason, tries, retry_at FROM failed_events
        WHERE consumer = %(name)s ORDER BY number DESC LIMIT %(limit)s
        """,
        {"name": name, "limit": limit},
    )


async def cut_log(tx: Transaction, *, events: int) -> None:
    """Notes that a window may end here, where the log has grown by so many since the last cut."""
    await tx.execute(
        """
        INSERT INTO log_cuts (xid, at)
        SELECT pg_snapshot_xmin(pg_current_snapshot()), now()
        FROM (SELECT coalesce(max(xid), '0') AS last FROM log_cuts) cuts
        WHERE EXISTS (SELECT FROM events WHERE xid >= cuts.last ORDER BY xid
                      OFFSET %(events)s LIMIT 1)
        ON CONFLICT DO NOTHING
        """,
        {"events": events},
    )


async def restart(tx: Transaction, *, name: str) -> None:
    """The consumer begins at the beginning of the log, with the shards that its code has now."""
    await tx.execute(
        """
        WITH forgotten AS (DELETE FROM failed_events WHERE consumer = %(name)s)
        DELETE FROM consumers WHERE name = %(name)s
        """,
        {"name": name},
    )


async def rewind(tx: Transaction, *, name: str, to: datetime | None) -> None:
    """The consumer goes on with the first event that was made at `to` or later, where there is one
    and it has done it."""
    await tx.execute(
        """
        UPDATE consumers
        SET since = target.since, since_at = %(to)s, until = NULL, until_at = NULL,
            stream_id = DEFAULT, seq = DEFAULT, moved_at = now()
        FROM (SELECT min(xid) AS since FROM events WHERE created_at >= %(to)s) target
        WHERE name = %(name)s AND consumers.since > target.since
        """,
        {"name": name, "to": to},
    )


async def replay(tx: Transaction, *, name: str, number: int | None) -> int:
    """Lets the event of this number, or all that are set aside, be tried again at once. Returns how
    many there were."""
    return await tx.execute(
        """
        UPDATE failed_events SET tries = 0, retry_at = now()
        WHERE consumer = %(name)s AND retry_at IS NULL
          AND (%(number)s::bigint IS NULL OR number = %(number)s)
        """,
        {"name": name, "number": number},
    )
