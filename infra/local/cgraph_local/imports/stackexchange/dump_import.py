"""The import of a dump: reads its files, cleans the rows and inserts them into the forum."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import tuple_row

from cgraph_local.core.progress import Progress
from cgraph_local.imports.errors import CannotImport
from cgraph_local.imports.forum import (
    create_forum,
    find_forum,
    require_forum_or_owner,
)
from cgraph_local.imports.html_to_markdown import HtmlConverter
from cgraph_local.imports.report import Report
from cgraph_local.imports.stackexchange.cleaning import clean_staged_rows
from cgraph_local.imports.stackexchange.comparison import Comparison, compare
from cgraph_local.imports.stackexchange.loading import ForumLoader, ImportCounts
from cgraph_local.imports.stackexchange.parsing import Site
from cgraph_local.imports.stackexchange.staging import DumpReader, StagedDump


@dataclass(frozen=True, slots=True)
class Target:
    """The forum. `name`, `owner`: of a forum that must be created; `url`: the base of links without
    a host.
    """

    slug: str
    name: str | None = None
    owner: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class StackExchangeImport:
    connection: Connection[Any]
    folder: Path
    target: Target
    report: Report
    progress: Progress

    def run(self) -> ImportCounts:
        """Raises CannotImport, UnsafeDoctype."""
        self._require_posts()
        slug, owner = self.target.slug, self.target.owner
        forum = require_forum_or_owner(self.connection, slug=slug, owner=owner)
        dump = self._stage()
        if forum is None:
            assert owner is not None, "require_forum_or_owner has checked it"
            forum = create_forum(
                self.connection,
                slug=slug,
                name=self.target.name or slug,
                owner=owner,
                active_at=self._last_activity(),
            )
        return ForumLoader(self.connection, forum, self.progress).load(dump)

    def check(self) -> Iterator[Comparison]:
        """Compares the dump with the forum. Writes to staging tables only. Raises CannotImport,
        UnsafeDoctype.
        """
        self._require_posts()
        forum = find_forum(self.connection, slug=self.target.slug)
        if forum is None:
            raise CannotImport(f"There is no forum {self.target.slug}: import the dump first")
        self._stage()
        yield from compare(self.connection, forum=forum)

    def _require_posts(self) -> None:
        if not (self.folder / "Posts.xml").is_file():
            raise CannotImport(f"{self.folder} has no Posts.xml: not a Stack Exchange dump")

    def _stage(self) -> StagedDump:
        site = Site(self.target.slug.lower(), HtmlConverter(self.target.url))
        reader = DumpReader(self.folder, site, self.connection, self.report, self.progress)
        dump = reader.read()
        clean_staged_rows(self.connection, dump, site=site, report=self.report)
        return dump

    def _last_activity(self) -> Any:
        with self.connection.cursor(row_factory=tuple_row) as cursor:
            rows = cursor.execute(
                """
                SELECT greatest((SELECT max(created_at) FROM staged_posts),
                                (SELECT max(created_at) FROM staged_comments))
                """
            )
            return next(rows)[0]
