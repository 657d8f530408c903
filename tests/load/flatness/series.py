"""How the time of a route's query depends on how much there is: one table for each dimension."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from cgraph.forums.comments.tree.models import CommentSort
from tests.load.flatness import queries
from tests.load.flatness.queries import Query
from tests.load.rows import (
    Connection,
    first_post,
    new_comments,
    new_conversations,
    new_forum,
    update_statistics,
)
from tests.load.sizes import Sizes

PEOPLE = 100
FEEDS: Mapping[str, Mapping[str, str]] = {
    "new": {"sort": "new"},
    "hot": {"sort": "hot"},
    "top of the day": {"sort": "top", "time": "day"},
    "top of the week": {"sort": "top", "time": "week"},
    "top of the month": {"sort": "top", "time": "month"},
    "top": {"sort": "top", "time": "all"},
    "rising": {"sort": "rising"},
    "controversial": {"sort": "controversial"},
}
HOUR = timedelta(hours=1)
LAST_PAGE = 50


@dataclass(frozen=True, slots=True)
class Queries:
    """The queries by name, at one size."""

    size: int
    queries: Mapping[str, Query]


@dataclass(frozen=True, slots=True)
class Series:
    """`at`: writes the rows of a size and returns the queries for it. `people`: those who may take
    part. `together`: the sizes are there at the same time and measured in turns. `full_page`: the
    size from which a page is full, so that more must not cost more.
    """

    name: str
    sizes: Callable[[Sizes], Sequence[int]]
    at: Callable[[Connection, Sequence[UUID], int], Mapping[str, Query]]
    together: bool = True
    full_page: int = 0


async def prepared(
    series: Series, rows: Connection, people: Sequence[UUID], sizes: Sizes
) -> AsyncIterator[list[Queries]]:
    """The queries of all sizes at once, or of one size after the other."""
    ready: list[Queries] = []
    for size in series.sizes(sizes):
        ready.append(Queries(size, series.at(rows, people, size)))
        if not series.together:
            update_statistics(rows)
            yield [ready.pop()]
    if ready:
        update_statistics(rows)
        yield ready


def _posts(rows: Connection, people: Sequence[UUID], size: int) -> Mapping[str, Query]:
    slug, reader = new_forum(rows, posts=size, authors=people[1:]).slug, people[0]
    return {name: queries.list_posts(reader, slug, **query) for name, query in FEEDS.items()}


def _messages(rows: Connection, people: Sequence[UUID], size: int) -> Mapping[str, Query]:
    (id,) = new_conversations(rows, [people[:10]], kind="group", messages=size, span=HOUR)
    reader, conversation, middle = people[0], UUID(id), size // 2
    return {
        "newest 50": queries.list_messages(reader, conversation, limit=50),
        "50 from the middle": queries.list_messages(reader, conversation, limit=50, before=middle),
        "around the middle": queries.list_messages(reader, conversation, limit=50, around=middle),
        "oldest 50": queries.list_messages(reader, conversation, limit=50, before=LAST_PAGE),
        "a message": queries.show_message(reader, _message(rows, id, middle)),
    }


def _conversations(rows: Connection, people: Sequence[UUID], size: int) -> Mapping[str, Query]:
    person, others = people[size % 7], people[10:]  # another person for each size
    members = [[person, others[n % len(others)]] for n in range(size)]
    new_conversations(rows, members, kind="group", messages=3, span=timedelta(seconds=1))
    return {
        "20 conversations": queries.list_conversations(person),
        "20 unread ones": queries.list_conversations(person, unread=True),
    }


def _members(rows: Connection, people: Sequence[UUID], size: int) -> Mapping[str, Query]:
    members = people[:size]
    (id,) = new_conversations(rows, [members], kind="group", messages=1000, span=HOUR)
    author, conversation = members[-1], UUID(id)
    return {
        "newest 50 messages": queries.list_messages(author, conversation, limit=50),
        "20 conversations": queries.list_conversations(author),
        "50 members": queries.list_members(author, conversation),
        "send a message": queries.send_message(author, conversation),
    }


def _comments(rows: Connection, people: Sequence[UUID], size: int) -> Mapping[str, Query]:
    post = first_post(rows, new_forum(rows, posts=1, authors=people[1:]))
    new_comments(rows, post=post, comments=size, authors=people)
    return {
        str(sort): queries.list_comments(people[0], post, sort=sort)
        for sort in (CommentSort.BEST, CommentSort.NEW, CommentSort.OLD)
    }


def _months(rows: Connection, people: Sequence[UUID], size: int) -> Mapping[str, Query]:
    """A thousand messages a month. Each conversation has the partitions of all months."""
    rows.execute(
        """
        SELECT make_partitions(now() - make_interval(months => back))
        FROM generate_series(0, %s) AS back
        """,
        [size],
    )
    span, count = timedelta(days=30 * size), 1000 * size
    (id,) = new_conversations(rows, [people[:10]], kind="group", messages=count, span=span)
    reader, conversation = people[0], UUID(id)
    return {
        "newest 50": queries.list_messages(reader, conversation, limit=50),
        "50 from the middle": queries.list_messages(
            reader, conversation, limit=50, before=count // 2
        ),
        "oldest 50": queries.list_messages(reader, conversation, limit=50, before=LAST_PAGE),
        "a message": queries.show_message(reader, _message(rows, id, count // 2)),
        "20 conversations": queries.list_conversations(reader),
        "send a message": queries.send_message(reader, conversation),
        "who am I (the least statement)": queries.show_me(reader),
    }


def _message(rows: Connection, conversation: str, seq: int) -> UUID:
    found = rows.execute(
        "SELECT id FROM messages WHERE conversation_id = %s AND seq = %s", [conversation, seq]
    )
    (id,) = found.fetchone() or (None,)
    assert isinstance(id, UUID), "the conversation has that many messages"
    return id


SERIES = (
    Series("posts of a forum", lambda sizes: sizes.flat_posts, _posts),
    Series("messages of a conversation", lambda sizes: sizes.flat_messages, _messages),
    Series(
        "conversations of a person",
        lambda sizes: sizes.flat_conversations,
        _conversations,
        full_page=100,
    ),
    Series("members of a conversation", lambda sizes: sizes.flat_members, _members, full_page=100),
    Series("comments of a post", lambda sizes: sizes.flat_comments, _comments, full_page=100),
    Series("months of history", lambda sizes: sizes.flat_months, _months, together=False),
)
"""The months last: their partitions stay."""
