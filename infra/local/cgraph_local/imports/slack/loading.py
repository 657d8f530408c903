"""Inserts the ordered messages into conversations, with sequence numbers, counters and read
positions.

Each batch is a transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.rows import tuple_row

from cgraph_local.imports.slack.cleaning import StagedConversation
from cgraph_local.imports.staging_table import BATCH_SIZE

INSERTED_TABLE: LiteralString = """
    CREATE TEMP TABLE IF NOT EXISTS inserted_messages (
        id uuid, seq bigint, ordinal bigint, reply_to uuid, created_at timestamptz,
        is_deleted boolean
    ) ON COMMIT DELETE ROWS
    """

LOCK: LiteralString = """
    SELECT FROM streams WHERE id = %(conversation)s FOR NO KEY UPDATE
    """

INSERT: LiteralString = """
    WITH missing AS (
        SELECT s.*, row_number() OVER (ORDER BY s.number) AS position_in_batch
        FROM ordered_messages s
        WHERE s.number BETWEEN %(low)s AND %(high)s
          AND NOT EXISTS (SELECT FROM messages m WHERE m.id = s.id)
    ), inserted AS (
        INSERT INTO messages (id, conversation_id, seq, ordinal, author_id, content, content_html,
                              reply_to, created_at, version, edited_at, deleted_at, mentions,
                              reactions, attachments)
        SELECT n.id, c.id, s.head + n.position_in_batch, c.message_count + n.position_in_batch,
               n.author_id, n.content, n.content_html, n.reply_to, n.created_at,
               CASE WHEN n.edited_at IS NULL THEN 1 ELSE 2 END, n.edited_at,
               CASE WHEN n.is_deleted THEN n.created_at END,
               ARRAY (SELECT user_id FROM conversation_members
                      WHERE conversation_id = c.id AND user_id = ANY (n.mentions)
                      ORDER BY user_id),
               n.reactions, n.attachments
        FROM missing n
        JOIN conversations c ON c.id = n.conversation_id
        JOIN streams s ON s.id = c.id
        RETURNING id, seq, ordinal, reply_to, created_at, deleted_at IS NOT NULL
    )
    INSERT INTO inserted_messages SELECT * FROM inserted
    """

COUNT_REPLIES: LiteralString = """
    UPDATE messages m SET reply_count = m.reply_count + replies.number
    FROM (SELECT reply_to, count(*) AS number FROM inserted_messages
          WHERE reply_to IS NOT NULL GROUP BY reply_to) replies
    WHERE m.id = replies.reply_to
    """

INSERT_REACTIONS: LiteralString = """
    INSERT INTO reactions (message_id, user_id, emoji, created_at)
    SELECT r.message_id, r.user_id, r.emoji, r.created_at
    FROM staged_reactions r JOIN inserted_messages f ON f.id = r.message_id
    ON CONFLICT DO NOTHING
    """

COUNT_DELETED: LiteralString = """
    INSERT INTO message_deletions AS d (conversation_id, level, block, count)
    SELECT %(conversation)s, level, ordinal >> (6 * level), count(*)
    FROM inserted_messages, generate_series(0, 4) AS level
    WHERE is_deleted GROUP BY 2, 3
    ON CONFLICT (conversation_id, level, block) DO UPDATE SET count = d.count + excluded.count
    """

RECORD_MONTHS: LiteralString = """
    SELECT record_message_months(%(conversation)s, (SELECT min(seq) FROM inserted_messages))
    """

COUNT: LiteralString = """
    WITH new AS (
        SELECT count(*) AS number, max(seq) AS head, max(ordinal) AS total,
               max(created_at) AS latest, count(*) FILTER (WHERE is_deleted) AS deleted,
               (array_agg(id ORDER BY seq DESC) FILTER (WHERE NOT is_deleted))[1] AS last_id
        FROM inserted_messages
    ), stream AS (
        UPDATE streams s SET head = new.head FROM new
        WHERE s.id = %(conversation)s AND new.number > 0
    ), member AS (
        UPDATE conversation_members m
        SET last_read_seq = CASE WHEN had_read_all THEN new.head ELSE m.last_read_seq END,
            read_count = CASE WHEN had_read_all THEN new.total ELSE m.read_count + new.deleted END,
            is_unread = NOT had_read_all OR m.marked_unread,
            active_at = greatest(m.active_at, new.latest)
        FROM new, LATERAL (
            SELECT o.user_id, o.read_count = new.total - new.number AS had_read_all
            FROM conversation_members o WHERE o.conversation_id = %(conversation)s
        ) AS reader
        WHERE m.conversation_id = %(conversation)s AND m.user_id = reader.user_id
          AND new.number > 0
    ), counted AS (
        UPDATE conversations c
        SET message_count = new.total, last_message_id = coalesce(new.last_id, c.last_message_id),
            active_at = greatest(c.active_at, new.latest)
        FROM new
        WHERE c.id = %(conversation)s AND new.number > 0
    )
    SELECT number FROM new
    """
"""Members who had read all messages before have read the new ones too."""

INDEX: LiteralString = """
    SELECT log_changed_documents(jsonb_build_object('message', jsonb_agg(id)))
    FROM inserted_messages HAVING count(*) > 0
    """
"""So that they are found: an import makes no events that anybody gets."""

STATEMENTS = (
    LOCK, INSERT, COUNT_REPLIES, INSERT_REACTIONS, COUNT_DELETED, RECORD_MONTHS, INDEX, COUNT,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class MessageLoader:
    connection: Connection[Any]

    def load(self, messages: StagedConversation) -> int:
        """Returns how many messages are new."""
        self.connection.execute(INSERTED_TABLE)
        return sum(
            self._load_batch(messages, low=low, high=min(low + BATCH_SIZE - 1, messages.last))
            for low in range(messages.first, messages.last + 1, BATCH_SIZE)
        )

    def _load_batch(self, messages: StagedConversation, *, low: int, high: int) -> int:
        values = {"conversation": messages.conversation_id, "low": low, "high": high}
        with (
            self.connection.transaction(),
            self.connection.cursor(row_factory=tuple_row) as cursor,
        ):
            for statement in STATEMENTS:
                cursor.execute(statement, values)
            return int(next(cursor)[0])
