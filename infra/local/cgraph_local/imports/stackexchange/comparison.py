"""Whether what a dump says is what the forum has: to be asked right after an import, because people
go on voting and writing.
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
    """Of posts or of comments. `other_*`: how many differ in that; `other_count`: whose comments or
    replies are not as many as it says.
    """

    what: str
    told: int
    found: int
    told_score: int | None
    found_score: int | None
    other_score: int
    other_date: int
    other_answer: int
    other_count: int
    accepted: int

    @property
    def is_equal(self) -> bool:
        differing = self.other_score + self.other_date + self.other_answer + self.other_count
        return self.told == self.found and self.told_score == self.found_score and differing == 0

    def __str__(self) -> str:
        return (
            f"{'equal' if self.is_equal else 'DIFFERENT'}: {self.what}: {self.found:,} of "
            f"{self.told:,}, score {self.found_score or 0:,} of {self.told_score or 0:,}, "
            f"{self.accepted:,} accepted answers; otherwise than told: {self.other_score:,} "
            f"scores, {self.other_date:,} dates, {self.other_answer:,} accepted answers, "
            f"{self.other_count:,} counts"
        )


def compare(connection: Connection[Any], *, forum: UUID) -> Iterator[Comparison]:
    with connection.cursor(row_factory=tuple_row) as cursor:
        for what, query in (("posts", POSTS), ("comments", COMMENTS)):
            for row in cursor.execute(query, {"forum": forum}):
                yield Comparison(what, *row)
