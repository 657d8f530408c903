"""Parses the rows of a dump. Rows that cannot be imported raise InvalidItem."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cgraph.core.text import clean_line
from cgraph_local.imports.errors import InvalidItem
from cgraph_local.imports.html_to_markdown import HtmlConverter, HtmlTooDeep
from cgraph_local.imports.identity import ImportedUser, imported_id, user_id
from cgraph_local.imports.stackexchange.xml_rows import Row

QUESTION, ANSWER = 1, 2
MAX_LINE = 10_000
"""Characters of a title before it is cut, which the report says."""

OTHER_TYPES = {
    3: "orphaned tag wiki",
    4: "tag wiki excerpt",
    5: "tag wiki",
    6: "moderator nomination",
    7: "wiki placeholder",
    8: "privilege wiki",
}
UP, DOWN = 2, 3
MAX_SCORE = 2**30
MAX_TITLE = 300
MAX_TAGS = 5
MAX_TAG = 30


@dataclass(frozen=True, slots=True)
class Author:
    """The author of a post or comment. `key`: a number, or a name when the account was deleted."""

    id: UUID
    key: str
    name: str


@dataclass(frozen=True, slots=True)
class PostRow:
    """A question or an answer. `body` is Markdown."""

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
    """`name`: the slug of the forum. It is a part of ids and usernames."""

    name: str
    converter: HtmlConverter

    @property
    def source(self) -> str:
        return f"stackexchange/{self.name}"

    def user(self, row: Row) -> ImportedUser:
        key = row.number("Id")
        return self.user_without_row(
            str(key),
            name=row.text("DisplayName"),
            bio=self._markdown(row.values.get("AboutMe", "")),
            created_at=row.time("CreationDate"),
        )

    def user_without_row(
        self, key: str, *, name: str, bio: str = "", created_at: datetime | None = None
    ) -> ImportedUser:
        suffix = f"-{self.name[:10]}-{key}" if key.isdigit() else None
        return ImportedUser.of(
            key, source=self.source, suffix=suffix, name=name, bio=bio, created_at=created_at
        )

    def post(self, row: Row) -> PostRow:
        kind = row.number("PostTypeId")
        if kind not in (QUESTION, ANSWER):
            raise InvalidItem(f"neither question nor answer: {OTHER_TYPES.get(kind, kind)}")
        key, created_at = row.number("Id"), row.time("CreationDate")
        is_question = kind == QUESTION
        return PostRow(
            kind=kind,
            key=key,
            id=imported_id(created_at, source=self.source, kind="post", key=key),
            parent_key=None if is_question else row.number("ParentId"),
            accepted_key=row.number_or_none("AcceptedAnswerId") if is_question else None,
            author=self._author(row, "OwnerUserId", "OwnerDisplayName"),
            title=clean_line(row.text("Title"), at_most=MAX_LINE) if is_question else None,
            body=self._markdown(row.text("Body")),
            tags=_tags(row.values.get("Tags", "")) if is_question else [],
            score=row.number("Score", maximum=MAX_SCORE),
            created_at=created_at,
            edited_at=row.time_or_none("LastEditDate"),
            closed_at=row.time_or_none("ClosedDate"),
        )

    def comment(self, row: Row) -> CommentRow:
        """The text of comments is Markdown already."""
        key, created_at = row.number("Id"), row.time("CreationDate")
        return CommentRow(
            key=key,
            id=imported_id(created_at, source=self.source, kind="comment", key=key),
            post_key=row.number("PostId"),
            author=self._author(row, "UserId", "UserDisplayName"),
            body=row.text("Text"),
            score=row.number("Score", maximum=MAX_SCORE) if "Score" in row.values else 0,
            created_at=created_at,
        )

    def _author(self, row: Row, number: str, name: str) -> Author:
        display_name = row.values.get(name, "").strip()
        if number in row.values:
            key = str(row.number(number))
        else:
            key = f"name:{display_name}" if display_name else "nobody"
        if key == "nobody":
            display_name = "Deleted user"
        return Author(user_id(key, source=self.source), key, display_name or f"User {key}")

    def _markdown(self, html: str) -> str:
        try:
            return self.converter.markdown(html)
        except HtmlTooDeep:
            raise InvalidItem("its HTML is nested too deeply") from None


def vote(row: Row) -> tuple[int, int, int]:
    """The key of the post, the number of up votes and of down votes. Both are 0 for other kinds of
    votes.
    """
    kind = row.number("VoteTypeId")
    return row.number("PostId"), int(kind == UP), int(kind == DOWN)


def _tags(text: str) -> list[str]:
    """Parses `<a><b>`, or `|a|b|` of newer dumps."""
    return [tag for tag in re.split(r"[<>|]+", text) if tag]
