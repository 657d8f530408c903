"""Reads the files of a dump into staging tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from psycopg import Connection

from cgraph.core.markdown import render
from cgraph_local.core.progress import Progress
from cgraph_local.imports import texts, users
from cgraph_local.imports.errors import InvalidItem
from cgraph_local.imports.progress_meter import ProgressMeter
from cgraph_local.imports.report import Report
from cgraph_local.imports.stackexchange.parsing import (
    ANSWER,
    MAX_TAG,
    MAX_TAGS,
    MAX_TITLE,
    CommentRow,
    PostRow,
    Site,
    vote,
)
from cgraph_local.imports.stackexchange.xml_rows import Row, read_rows
from cgraph_local.imports.staging_table import BATCH_SIZE, StagingTable

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
FILES = ("Users.xml", "Posts.xml", "Comments.xml", "Votes.xml")
VOTES = ("post_key bigint", "ups integer", "downs integer")


@dataclass(frozen=True, slots=True)
class StagedDump:
    """The staging tables, which are complete."""

    users: StagingTable
    posts: StagingTable
    comments: StagingTable


@dataclass(frozen=True, slots=True)
class DumpReader:
    folder: Path
    site: Site
    connection: Connection[Any]
    report: Report
    progress: Progress

    def read(self) -> StagedDump:
        """Raises UnsafeDoctype."""
        self._report_other_files()
        dump = StagedDump(
            users.new_staging_table(self.connection),
            StagingTable(self.connection, name="staged_posts", columns=POSTS),
            StagingTable(self.connection, name="staged_comments", columns=COMMENTS),
        )
        votes = StagingTable(self.connection, name="staged_votes", columns=VOTES)
        for line, user in self._items("Users.xml", self.site.user):
            users.stage_user(dump.users, user, file="Users.xml", line=line, report=self.report)
        for line, post in self._items("Posts.xml", self.site.post):
            self._stage_post(dump.posts, post, line=line)
        for line, comment in self._items("Comments.xml", self.site.comment):
            self._stage_comment(dump.comments, comment, line=line)
        self._stage_votes(votes)
        dump.users.finish("id")
        dump.posts.finish("key, kind", "author_id")
        dump.comments.finish("key", "author_id")
        votes.finish("post_key")
        return dump

    def _report_other_files(self) -> None:
        for path in sorted(self.folder.glob("*.xml")):
            if path.name not in FILES:
                self.report.leave_out(path.name, None, "not imported")

    def _stage_post(self, posts: StagingTable, post: PostRow, *, line: int) -> None:
        changed = partial(self.report.change, "Posts.xml", line)
        title, body = post.title, texts.body(post.body, changed=changed)
        if not body and post.kind == ANSWER:
            self.report.leave_out("Posts.xml", line, "no visible text", post.key)
            return
        if title is not None:
            title = texts.cut(title, at_most=MAX_TITLE, changed=changed, what="its title")
        tags = texts.tags(post.tags, at_most=MAX_TAGS, length=MAX_TAG, changed=changed)
        posts.add(
            *(post.kind, post.key, post.id, post.parent_key, post.accepted_key),
            *(post.author.id, post.author.key, post.author.name),
            *(title, body, render(body).html, tags),
            *_votes(post.score),
            *(post.created_at, post.edited_at, post.closed_at, "Posts.xml", line),
        )

    def _stage_comment(self, comments: StagingTable, comment: CommentRow, *, line: int) -> None:
        body = texts.body(comment.body, changed=partial(self.report.change, "Comments.xml", line))
        if not body:
            self.report.leave_out("Comments.xml", line, "no visible text", comment.key)
            return
        comments.add(
            *(comment.key, comment.id, comment.post_key),
            *(comment.author.id, comment.author.key, comment.author.name),
            *(body, render(body).html),
            *_votes(comment.score),
            *(comment.created_at, "Comments.xml", line),
        )

    def _stage_votes(self, votes: StagingTable) -> None:
        """Votes are summed before they are staged, because most follow others on the same post."""
        ups: Counter[int] = Counter()
        downs: Counter[int] = Counter()

        def flush() -> None:
            for key in sorted(ups.keys() | downs.keys()):
                votes.add(key, ups[key], downs[key])
            ups.clear()
            downs.clear()

        for _, (key, up, down) in self._items("Votes.xml", vote):
            ups[key] += up
            downs[key] += down
            if len(ups) >= BATCH_SIZE:
                flush()
        flush()

    def _items(self, name: str, parse: Callable[[Row], Item]) -> Iterator[tuple[int, Item]]:
        """The items of a file with their lines. Rows that cannot be imported are reported. There
        are none when the file does not exist.
        """
        path = self.folder / name
        if not path.is_file():
            return
        meter = ProgressMeter(self.progress, name, path.stat().st_size)
        for row in read_rows(path, report=self.report, meter=meter):
            meter.rows += 1
            try:
                item = parse(row)
            except InvalidItem as error:
                self.report.leave_out(
                    name, row.line, error.reason, error.detail or row.values.get("Id")
                )
            else:
                yield row.line, item


def _votes(score: int) -> tuple[int, int]:
    """Up votes and down votes, as far as they can be derived from a score."""
    return max(score, 0), max(-score, 0)
