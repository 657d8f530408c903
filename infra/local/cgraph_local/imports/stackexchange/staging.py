"""A dump's files, read into the stage one after another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from psycopg import Connection

from cgraph.markdown import render
from cgraph_local.core.progress import Progress
from cgraph_local.imports import users
from cgraph_local.imports.progress_meter import Meter
from cgraph_local.imports.report import BadRow, Report
from cgraph_local.imports.stackexchange.parsing import (
    TAG_AT_MOST,
    TAGS_AT_MOST,
    TITLE_AT_MOST,
    PostRow,
    Site,
    vote,
)
from cgraph_local.imports.stackexchange.xml_rows import Row, read_rows
from cgraph_local.imports.staging_table import BATCH, Stage

Item = TypeVar("Item")

AUTHOR = ("author_id uuid", "author_key text", "author_name text")
POSTS = (
    "kind smallint",
    "key bigint",
    "id uuid",
    "parent_key bigint",
    "accepted_key bigint",
    *AUTHOR,
    "title text",
    "body text",
    "body_html text",
    "tags text[]",
    "ups integer",
    "downs integer",
    "created_at timestamptz",
    "edited_at timestamptz",
    "closed_at timestamptz",
    "file text",
    "line bigint",
)
COMMENTS = (
    "key bigint",
    "id uuid",
    "post_key bigint",
    *AUTHOR,
    "body text",
    "body_html text",
    "ups integer",
    "downs integer",
    "created_at timestamptz",
    "file text",
    "line bigint",
)
VOTES = ("post_key bigint", "ups integer", "downs integer")


@dataclass(frozen=True, slots=True)
class Dump:
    """Its stage, all of it read."""

    people: Stage
    posts: Stage
    comments: Stage


@dataclass(frozen=True, slots=True)
class Reading:
    folder: Path
    site: Site
    connection: Connection[Any]
    report: Report
    progress: Progress

    def read(self) -> Dump:
        """Raises EntityDeclared."""
        dump = Dump(
            users.new_stage(self.connection),
            Stage(self.connection, table="staged_posts", columns=POSTS),
            Stage(self.connection, table="staged_comments", columns=COMMENTS),
        )
        votes = Stage(self.connection, table="staged_votes", columns=VOTES)
        for line, person in self._items("Users.xml", self.site.person):
            users.stage(dump.people, person, file="Users.xml", line=line)
        for line, post in self._items("Posts.xml", self.site.post):
            self._stage_post(dump.posts, post, line=line)
        for line, comment in self._items("Comments.xml", self.site.comment):
            author = comment.author
            dump.comments.add(
                comment.key,
                comment.id,
                comment.post_key,
                *(author.id, author.key, author.name),
                *(comment.body, render(comment.body)),
                *_votes(comment.score),
                comment.created_at,
                *("Comments.xml", line),
            )
        self._stage_votes(votes)
        dump.people.complete("id")
        dump.posts.complete("key, kind", "author_id")
        dump.comments.complete("key", "author_id")
        votes.complete("post_key")
        return dump

    def _stage_post(self, posts: Stage, post: PostRow, *, line: int) -> None:
        title, tags = post.title, post.tags
        if title is not None and len(title) > TITLE_AT_MOST:
            self.report.change("Posts.xml", line, "its title was cut", title)
            title = title[:TITLE_AT_MOST]
        if len(tags) > TAGS_AT_MOST or any(len(tag) > TAG_AT_MOST for tag in tags):
            self.report.change("Posts.xml", line, "its tags were cut", " ".join(tags))
            tags = [tag[:TAG_AT_MOST] for tag in tags[:TAGS_AT_MOST]]
        posts.add(
            *(post.kind, post.key, post.id, post.parent_key, post.accepted_key),
            *(post.author.id, post.author.key, post.author.name),
            *(title, post.body, render(post.body), tags),
            *_votes(post.score),
            *(post.created_at, post.edited_at, post.closed_at, "Posts.xml", line),
        )

    def _stage_votes(self, votes: Stage) -> None:
        """Summed as they come, because most follow others on the same post."""
        ups: Counter[int] = Counter()
        downs: Counter[int] = Counter()

        def spill() -> None:
            for key in sorted(ups.keys() | downs.keys()):
                votes.add(key, ups[key], downs[key])
            ups.clear()
            downs.clear()

        for _, (key, up, down) in self._items("Votes.xml", vote):
            ups[key] += up
            downs[key] += down
            if len(ups) >= BATCH:
                spill()
        spill()

    def _items(self, name: str, parse: Callable[[Row], Item]) -> Iterator[tuple[int, Item]]:
        """With their lines; a row that cannot be taken is reported. Nothing where there is no such
        file.
        """
        path = self.folder / name
        if not path.is_file():
            return
        meter = Meter(self.progress, name, path.stat().st_size)
        for row in read_rows(path, report=self.report, meter=meter):
            meter.rows += 1
            try:
                item = parse(row)
            except BadRow as bad:
                self.report.leave_out(
                    name, row.line, bad.reason, bad.detail or row.values.get("Id")
                )
            else:
                yield row.line, item


def _votes(score: int) -> tuple[int, int]:
    """Up and down, as far as a score alone tells."""
    return max(score, 0), max(-score, 0)
