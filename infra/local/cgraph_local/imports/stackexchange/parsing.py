"""What of a dump's rows is taken, and as what. Whatever refuses a row raises BadRow."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cgraph_local.imports.html_to_markdown import Converter, TooDeep
from cgraph_local.imports.identity import Person, imported_id, person_id
from cgraph_local.imports.report import BadRow
from cgraph_local.imports.stackexchange.xml_rows import Row

QUESTION, ANSWER = 1, 2
OTHER_TYPES = {
    3: "orphaned tag wiki",
    4: "tag wiki excerpt",
    5: "tag wiki",
    6: "moderator nomination",
    7: "wiki placeholder",
    8: "privilege wiki",
}
UP, DOWN = 2, 3
VOTES_AT_MOST = 2**30
TITLE_AT_MOST = 300
TAGS_AT_MOST = 5
TAG_AT_MOST = 30


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote something: a number, or only a name where the account is gone."""

    id: UUID
    key: str
    name: str


@dataclass(frozen=True, slots=True)
class PostRow:
    """A question or an answer, `body` in Markdown."""

    kind: int
    key: int
    id: UUID
    parent_key: int | None
    accepted_key: int | None
    author: Author
    title: str | None
    body: str
    tags: list[str]
    score: int
    created_at: datetime
    edited_at: datetime | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class CommentRow:
    key: int
    id: UUID
    post_key: int
    author: Author
    body: str
    score: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Site:
    """`name`: that by which what comes from it is known, here and in ids."""

    name: str
    converter: Converter

    @property
    def source(self) -> str:
        return f"stackexchange/{self.name}"

    def person(self, row: Row) -> Person:
        key = row.number("Id")
        return self.placeholder(
            str(key),
            name=row.text("DisplayName"),
            bio=self._markdown(row.values.get("AboutMe", "")),
            created_at=row.moment("CreationDate"),
        )

    def placeholder(
        self, key: str, *, name: str, bio: str = "", created_at: datetime | None = None
    ) -> Person:
        tail = f"-{self.name[:10]}-{key}" if key.isdigit() else None
        return Person.of(
            key, source=self.source, tail=tail, name=name, bio=bio, created_at=created_at
        )

    def post(self, row: Row) -> PostRow:
        kind = row.number("PostTypeId")
        if kind not in (QUESTION, ANSWER):
            raise BadRow(f"neither question nor answer: {OTHER_TYPES.get(kind, kind)}")
        key, created_at = row.number("Id"), row.moment("CreationDate")
        asked = kind == QUESTION
        return PostRow(
            kind=kind,
            key=key,
            id=imported_id(created_at, source=self.source, kind="post", key=key),
            parent_key=None if asked else row.number("ParentId"),
            accepted_key=row.number_or_none("AcceptedAnswerId") if asked else None,
            author=self._author(row, "OwnerUserId", "OwnerDisplayName"),
            title=row.text("Title").strip() if asked else None,
            body=self._markdown(row.text("Body")),
            tags=_tags(row.values.get("Tags", "")) if asked else [],
            score=row.number("Score", at_most=VOTES_AT_MOST),
            created_at=created_at,
            edited_at=row.moment_or_none("LastEditDate"),
            closed_at=row.moment_or_none("ClosedDate"),
        )

    def comment(self, row: Row) -> CommentRow:
        """Its text is the little Markdown that comments have there, so Markdown."""
        key, created_at = row.number("Id"), row.moment("CreationDate")
        return CommentRow(
            key=key,
            id=imported_id(created_at, source=self.source, kind="comment", key=key),
            post_key=row.number("PostId"),
            author=self._author(row, "UserId", "UserDisplayName"),
            body=row.text("Text"),
            score=row.number("Score", at_most=VOTES_AT_MOST) if "Score" in row.values else 0,
            created_at=created_at,
        )

    def _author(self, row: Row, number: str, name: str) -> Author:
        shown = row.values.get(name, "").strip()
        if number in row.values:
            key = str(row.number(number))
        else:
            key = f"name:{shown}" if shown else "nobody"
        if key == "nobody":
            shown = "Deleted user"
        return Author(person_id(key, source=self.source), key, shown or f"User {key}")

    def _markdown(self, html: str) -> str:
        try:
            return self.converter.markdown(html)
        except TooDeep:
            raise BadRow("its HTML is nested too deep") from None


def vote(row: Row) -> tuple[int, int, int]:
    """The post's key, and 1 for a vote up, 1 for a vote down; both 0 is another kind of vote."""
    kind = row.number("VoteTypeId")
    return row.number("PostId"), int(kind == UP), int(kind == DOWN)


def _tags(text: str) -> list[str]:
    """From `<a><b>`, or `|a|b|` as newer dumps have it."""
    return [tag for tag in re.split(r"[<>|]+", text) if tag]
