"""Appeals in Postgres; appeal_json() of infra/schema/moderation/sanctions.sql builds their JSON."""

from datetime import datetime
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.moderation.appeals.models import (
    AgainstKind,
    AppealRow,
    AppealState,
    Decided,
    Done,
    ListedAppeal,
    Moderators,
)


async def done_to(
    tx: Transaction, *, user_id: UUID, kind: AgainstKind, id: UUID, now: datetime
) -> Done | None:
    """None also of a shadow ban: nobody is told of that."""
    return await tx.fetch_one(
        Done,
        """
        SELECT 'ban' AS kind, id, forum_id, created_by AS by FROM forum_bans
        WHERE %(kind)s = 'forum' AND forum_id = %(id)s AND user_id = %(user_id)s AND NOT shadow
          AND until > %(now)s
        UNION ALL
        SELECT 'removal', id, forum_id, removed_by FROM removals
        WHERE target_kind = %(kind)s AND target_id = %(id)s AND author_id = %(user_id)s
          AND lifted_at IS NULL
        """,
        {"kind": kind, "id": id, "user_id": user_id, "now": now},
    )


async def insert(
    tx: Transaction, *, id: UUID, done: Done, user_id: UUID, content: str, now: datetime
) -> bool:
    """False where there is one already."""
    return bool(
        await tx.execute(
            """
            INSERT INTO appeals (id, forum_id, subject_kind, subject_id, user_id, acted_by, content,
                                 created_at)
            VALUES (%(id)s, %(forum_id)s, %(kind)s, %(subject)s, %(user_id)s, %(by)s, %(content)s,
                    %(now)s)
            ON CONFLICT DO NOTHING
            """,
            {
                "id": id,
                "forum_id": done.forum_id,
                "kind": done.kind,
                "subject": done.id,
                "user_id": user_id,
                "by": done.by,
                "content": content,
                "now": now,
            },
        )
    )


async def against(tx: Transaction, *, subject_id: UUID) -> ListedAppeal:
    row = await tx.fetch_one(
        ListedAppeal,
        """
        SELECT id, content, appeal_json(a)::text AS shown
        FROM appeals a WHERE subject_id = %(subject_id)s
        """,
        {"subject_id": subject_id},
    )
    assert row is not None, "appeals are kept"
    return row


async def appeals_in(
    tx: Transaction, *, forum_id: UUID, state: AppealState, after: UUID, limit: int
) -> list[ListedAppeal]:
    """The oldest first."""
    return await tx.fetch(
        ListedAppeal,
        """
        SELECT id, content, appeal_json(a)::text AS shown
        FROM appeals a
        WHERE forum_id = %(forum_id)s AND state = %(state)s AND id > %(after)s
        ORDER BY id
        LIMIT %(limit)s
        """,
        {"forum_id": forum_id, "state": state, "after": after, "limit": limit},
    )


async def appeal_row(tx: Transaction, *, id: UUID) -> AppealRow | None:
    return await tx.fetch_one(
        AppealRow,
        """
        SELECT a.id, a.forum_id, f.slug, a.subject_id, a.user_id, a.acted_by, a.state,
               r.target_kind, r.target_id
        FROM appeals a
        JOIN forums f ON f.id = a.forum_id
        LEFT JOIN removals r ON r.id = a.subject_id
        WHERE a.id = %(id)s
        """,
        {"id": id},
    )


async def other_moderators(tx: Transaction, *, forum_id: UUID, but: list[UUID]) -> int:
    """How many there are beside these; the banned do not count."""
    row = await tx.fetch_one(
        Moderators,
        """
        SELECT count(*) AS number FROM forum_members
        WHERE forum_id = %(forum_id)s AND role IN ('owner', 'moderator')
          AND user_id <> ALL (%(but)s) AND forum_role(forum_id, user_id) IN ('owner', 'moderator')
        """,
        {"forum_id": forum_id, "but": but},
    )
    assert row is not None, "a count is always one row"
    return row.number


async def decide(tx: Transaction, *, id: UUID, decided: Decided) -> None:
    await tx.execute(
        """
        UPDATE appeals
        SET state = %(state)s, note = %(note)s, decided_by = %(by)s, decided_at = %(at)s
        WHERE id = %(id)s AND state = 'open'
        """,
        {
            "id": id,
            "state": decided.state,
            "note": decided.note,
            "by": decided.by,
            "at": decided.at,
        },
    )
