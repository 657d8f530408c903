"""One import of one dump, from its files to the forum."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import tuple_row

from cgraph_local.core.progress import Progress
from cgraph_local.imports.forum import (
    CannotImport,
    find_forum,
    new_forum,
    require_forum_or_owner,
)
from cgraph_local.imports.html_to_markdown import Converter
from cgraph_local.imports.report import Report
from cgraph_local.imports.stackexchange.cleaning import settle
from cgraph_local.imports.stackexchange.comparison import Comparison, compare
from cgraph_local.imports.stackexchange.loading import Merged, Merging
from cgraph_local.imports.stackexchange.parsing import Site
from cgraph_local.imports.stackexchange.staging import Dump, Reading


@dataclass(frozen=True, slots=True)
class Target:
    """`owner`: whose a forum is that has to be made; `url`: where the dump's links lead that name
    no host.
    """

    slug: str
    name: str | None = None
    owner: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class DumpImport:
    connection: Connection[Any]
    folder: Path
    target: Target
    report: Report
    progress: Progress

    def run(self) -> Merged:
        """Raises CannotImport, EntityDeclared."""
        self._require_posts()
        slug, owner = self.target.slug, self.target.owner
        forum = require_forum_or_owner(self.connection, slug=slug, owner=owner)
        dump = self._staged()
        if forum is None:
            assert owner is not None, "or it had been refused"
            forum = new_forum(
                self.connection,
                slug=slug,
                name=self.target.name or slug,
                owner=owner,
                active_at=self._last_written(),
            )
        return Merging(self.connection, forum, self.progress).merge(dump)

    def check(self) -> Iterator[Comparison]:
        """Writes nothing that stays. Raises CannotImport, EntityDeclared."""
        self._require_posts()
        forum = find_forum(self.connection, slug=self.target.slug)
        if forum is None:
            raise CannotImport(f"There is no forum {self.target.slug}: import the dump first")
        self._staged()
        yield from compare(self.connection, forum=forum)

    def _require_posts(self) -> None:
        if not (self.folder / "Posts.xml").is_file():
            raise CannotImport(f"{self.folder} has no Posts.xml: not a Stack Exchange dump")

    def _staged(self) -> Dump:
        site = Site(self.target.slug.lower(), Converter(self.target.url))
        reading = Reading(self.folder, site, self.connection, self.report, self.progress)
        dump = reading.read()
        settle(self.connection, dump, site=site, report=self.report)
        return dump

    def _last_written(self) -> Any:
        with self.connection.cursor(row_factory=tuple_row) as cursor:
            rows = cursor.execute(
                """
                SELECT greatest((SELECT max(created_at) FROM staged_posts),
                                (SELECT max(created_at) FROM staged_comments))
                """
            )
            return next(rows)[0]
