"""Compares the staged dump with the forum. It must run right after an import, because users go on
voting and writing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, LiteralString
from uuid import UUID

from psycopg import Connection
from psycopg.rows import tuple_row

POSTS: LiteralString = """
    SELECT count(*), count(p.id), sum(q.ups - q.downs), sum(c.score),
           count(*) FILTER (WHERE q.ups - q.downs <> c.score),
           count(*) FILTER (WHERE q.created_at <> p.created_at
                               OR q.edited_at IS DISTINCT FROM p.edited_at),
           count(*) FILTER (WHERE a.id IS DISTINCT FROM p.accepted_comment_id),
           count(*) FILTER (WHERE (SELECT count(*) FROM comments r WHERE r.post_id = p.id)
                               <> c.comment_count),
           count(a.id)
    FROM staged_posts q
    LEFT JOIN staged_posts a ON a.key = q.accepted_key AND a.kind = 2 AND a.parent_key = q.key
    LEFT JOIN posts p ON p.id = q.id AND p.forum_id = %(forum)s
    LEFT JOIN post_counts c ON c.post_id = p.id
    WHERE q.kind = 1
    """

COMMENTS: LiteralString = """
    SELECT count(*), count(c.id), sum(s.ups - s.downs), sum(c.score),
           count(*) FILTER (WHERE s.ups - s.downs <> c.score),
           count(*) FILTER (WHERE s.created_at <> c.created_at
                               OR s.edited_at IS DISTINCT FROM c.edited_at),
           0,
           count(*) FILTER (WHERE (SELECT count(*) FROM comments r WHERE r.parent_id = c.id)
                               <> c.reply_count),
           0
    FROM (SELECT id, ups, downs, created_at, edited_at FROM staged_posts WHERE kind = 2
          UNION ALL
          SELECT id, ups, downs, created_at, NULL FROM staged_comments) s
    LEFT JOIN comments c ON c.id = s.id
    """


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison of posts or of comments. `wrong_*`: how many have another value than in the
    dump; `wrong_counts`: how many have another number of comments or replies than their counter.
    """

    kind: str
    expected: int
    found: int
    expected_score: int | None
    found_score: int | None
    wrong_scores: int
    wrong_dates: int
    wrong_answers: int
    wrong_counts: int
    accepted: int

    @property
    def is_equal(self) -> bool:
        wrong = self.wrong_scores + self.wrong_dates + self.wrong_answers + self.wrong_counts
        return (
            self.expected == self.found and self.expected_score == self.found_score and wrong == 0
        )

    def __str__(self) -> str:
        return (
            f"{'equal' if self.is_equal else 'DIFFERENT'}: {self.kind}: {self.found:,} of "
            f"{self.expected:,}, score {self.found_score or 0:,} of {self.expected_score or 0:,}, "
            f"{self.accepted:,} accepted answers; wrong: {self.wrong_scores:,} "
            f"scores, {self.wrong_dates:,} dates, {self.wrong_answers:,} accepted answers, "
            f"{self.wrong_counts:,} counts"
        )


def compare(connection: Connection[Any], *, forum: UUID) -> Iterator[Comparison]:
    with connection.cursor(row_factory=tuple_row) as cursor:
        for kind, query in (("posts", POSTS), ("comments", COMMENTS)):
            for row in cursor.execute(query, {"forum": forum}):
                yield Comparison(kind, *row)
