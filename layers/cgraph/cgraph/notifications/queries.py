"""What the consumer of the log has Postgres do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.core.encoding import encode_json
from cgraph.events.consumers import LoggedEvent
from cgraph.notifications.making import Effects


@dataclass(frozen=True, slots=True)
class LoggedRow:
    """Events, as announce_logged() takes them."""

    logged: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class ExpiredRow:
    """`logged`: as LoggedRow. `deleted`: how many rows."""

    logged: list[dict[str, Any]]
    deleted: int


@dataclass(frozen=True, slots=True)
class FanOutPart:
    """Sources of one kind and the next users that they go to."""

    number: int
    kind: str
    subject_id: UUID
    sources: list[UUID]
    users: list[UUID]


@dataclass(frozen=True, slots=True)
class SourceRow:
    id: UUID


@dataclass(frozen=True, slots=True)
class LogReach:
    """`since`: up to which transaction the consumer has done all, whose events were made `after`;
    `until`: the oldest transaction that runs."""

    since: int
    after: datetime
    until: int


async def reach_of_log(tx: Transaction, *, name: str) -> LogReach:
    row = await tx.fetch_one(
        LogReach,
        """
        SELECT c.since::text::bigint AS since, c.since_at - interval '1 day' AS after,
               pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS until
        FROM consumers c WHERE c.name = %(name)s AND c.shard = 0
        """,
        {"name": name},
    )
    assert row is not None, "the consumer has done a batch"
    return row


async def quiet_events(
    tx: Transaction,
    *,
    since: int,
    after: datetime,
    types: Sequence[str],
    busy: int,
    most: int,
) -> list[LoggedEvent]:
    """Those of committed transactions from `since` on, of streams with at most `busy` of them."""
    return await tx.fetch(
        LoggedEvent,
        """
        SELECT stream_id, seq, type, payload, created_at
        FROM quiet_events(%(since)s::text::xid8, %(after)s, %(types)s, %(busy)s, %(most)s)
        """,
        {
            "since": since,
            "after": after,
            "types": list(types),
            "busy": busy,
            "most": most,
        },
    )


async def notify_of_events(
    tx: Transaction, effects: Effects, *, now: datetime
) -> list[dict[str, Any]]:
    """Returns the events that it has logged for users."""
    row = await tx.fetch_one(
        LoggedRow,
        """
        SELECT notify_of_events(%(messages)s::uuid[], %(posts)s::uuid[], %(comments)s::uuid[],
            %(created)s::uuid[], %(reactions)s::jsonb, %(notices)s::jsonb,
            %(changed_texts)s::uuid[], %(changed_posts)s::uuid[], %(left)s::jsonb,
            %(closed)s::uuid[], %(blocks)s::jsonb, %(sent)s::jsonb,
            %(undone_reactions)s::jsonb, %(cases)s::jsonb, %(now)s) AS logged
        """,
        {
            "messages": list(effects.messages),
            "posts": list(effects.posts),
            "comments": list(effects.comments),
            "created": sorted(effects.created),
            "reactions": encode_json(effects.reactions),
            "notices": encode_json(effects.notices),
            "changed_texts": sorted(effects.changed_texts),
            "changed_posts": sorted(effects.changed_posts),
            "left": encode_json(effects.left),
            "closed": sorted(effects.closed),
            "blocks": encode_json(effects.blocks),
            "sent": encode_json(
                [
                    {"user_id": user, "conversation_id": conversation}
                    for user, conversation in sorted(effects.sent)
                ]
            ),
            "undone_reactions": encode_json(sorted(effects.undone_reactions)),
            "cases": encode_json(
                [{"kind": kind, "case_id": case_id} for kind, case_id in sorted(effects.cases)]
            ),
            "now": now,
        },
    )
    assert row is not None, "the function always returns one row"
    return row.logged


async def expire_notifications(tx: Transaction, *, at_most: int, now: datetime) -> ExpiredRow:
    """Deletes old ones, the oldest first."""
    row = await tx.fetch_one(
        ExpiredRow,
        "SELECT logged, deleted FROM expire_notifications(%(at_most)s, %(now)s)",
        {"at_most": at_most, "now": now},
    )
    assert row is not None, "the function always returns one row"
    return row


async def next_fan_out(tx: Transaction, *, page_size: int) -> FanOutPart | None:
    """Of the fan-out whose turn it is, which is locked until the transaction ends."""
    return await tx.fetch_one(
        FanOutPart, "SELECT * FROM next_fan_out(%(page_size)s)", {"page_size": page_size}
    )


async def move_fan_out(tx: Transaction, *, number: int, last_id: UUID | None) -> None:
    """`last_id`: up to whom it has gone; None where it is done."""
    await tx.execute(
        "SELECT move_fan_out(%(number)s, %(last_id)s)", {"number": number, "last_id": last_id}
    )


async def notify_followers(
    tx: Transaction,
    part: FanOutPart,
    *,
    sources: Sequence[UUID],
    users: Sequence[UUID],
    now: datetime,
) -> list[dict[str, Any]]:
    """Returns the events that it has logged for users."""
    row = await tx.fetch_one(
        LoggedRow,
        """
        SELECT notify_followers(%(kind)s, %(subject_id)s, %(sources)s::uuid[], %(users)s::uuid[],
            %(now)s) AS logged
        """,
        {
            "kind": part.kind,
            "subject_id": part.subject_id,
            "sources": list(sources),
            "users": list(users),
            "now": now,
        },
    )
    assert row is not None, "the function always returns one row"
    return row.logged


async def sources_for_here(tx: Transaction, sources: Sequence[UUID]) -> set[UUID]:
    """Those texts that mention @here."""
    rows = await tx.fetch(
        SourceRow,
        """
        SELECT m.id FROM unnest(%(sources)s::uuid[]) AS source (id)
        CROSS JOIN LATERAL message_by_id(source.id) AS m WHERE m.mentions_everyone = 'here'
        UNION ALL
        SELECT p.id FROM posts p WHERE p.id = ANY (%(sources)s) AND p.mentions_everyone = 'here'
        UNION ALL
        SELECT c.id FROM comments c WHERE c.id = ANY (%(sources)s) AND c.mentions_everyone = 'here'
        """,
        {"sources": list(sources)},
    )
    return {row.id for row in rows}
