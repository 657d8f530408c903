"""The searches whose time is measured, by a member of CONVERSATIONS_OF_VIEWER conversations."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.core.ids import UserId
from cgraph.search.engine import Filters, Query, Results, Viewer, Words
from cgraph.search.postgres.engine import PostgresEngine
from tests.load.searching.rows import (
    COMMON,
    CONVERSATIONS,
    FORUMS,
    MIDDLE,
    OLD,
    RARE,
    TOKYO,
    place,
    word,
)

CONVERSATIONS_OF_VIEWER = 1000

Search = Callable[[Transaction], Awaitable[object]]


def _misspelt(word: str) -> str:
    """With its second and third letter exchanged."""
    return word[0] + word[2] + word[1] + word[3:]


VIEWER = Viewer(
    id=UserId(UUID(int=1)),
    conversations={
        place("conversation", number): number % 3
        for number in range(0, CONVERSATIONS, CONVERSATIONS // CONVERSATIONS_OF_VIEWER)
    },
    private_forums=frozenset(place("forum", number) for number in range(0, FORUMS, 10)),
    moderated_forums=frozenset({place("forum", 1)}),
    banned_from=frozenset({place("forum", 2)}),
    hidden_authors=frozenset({UUID(int=2)}),
)

WORDS: Mapping[str, Sequence[Words]] = {
    "common": [Words(all=(each,)) for each in (COMMON, *map(word, range(1, 12)))],
    "rare": [Words(all=(RARE,))],
    "prefix": [Words(all=(word(rank)[:4],), last_is_begun=True) for rank in range(20, 32)],
    "prefix of one letter": [Words(all=(letter,), last_is_begun=True) for letter in "bakelimonur"],
    "typo": [Words(all=(_misspelt(each),)) for each in (RARE, COMMON, *map(word, range(20, 30)))],
    "CJK": [Words(all=(TOKYO,)), Words(all=(TOKYO[:2],)), Words(phrases=(TOKYO,))],
    "a word of one in 400": [Words(all=(each,)) for each in (MIDDLE, *map(word, range(400, 410)))],
    "two words": [Words(all=(COMMON, each)) for each in map(word, range(1, 12))],
    "only in old ones": [Words(all=(OLD,))],
    "two words, in old ones": [Words(all=(OLD, COMMON))],
    "some of six words": [
        Words(all=(COMMON, MIDDLE, RARE, *map(word, ranks)), some_of_all=True)
        for ranks in ((1, 20, 400), (2, 30, 4000), (3, 5, 7))
    ],
    "nowhere": [Words(all=("zzzzzzzz",))],
    "no words": [Words()],
}
WITHIN: Mapping[str, Filters] = {
    "search": Filters(),
    "search within 1,000 conversations": Filters(places=frozenset(VIEWER.conversations)),
}


def search(words: Words, filters: Filters) -> Search:
    async def run(tx: Transaction) -> Results:
        return await PostgresEngine(tx).search(Query(VIEWER, words, filters))

    return run


def suggest(tx: Transaction) -> Awaitable[object]:
    return PostgresEngine(tx).suggest(VIEWER, COMMON[:3], limit=10)


def similar(tx: Transaction) -> Awaitable[object]:
    title = f"Which {COMMON} and which {MIDDLE}"
    return PostgresEngine(tx).similar_posts(VIEWER, title, places=frozenset(), limit=10)


def series() -> Mapping[str, Mapping[str, Sequence[Search]]]:
    """By their names: searches of one kind."""
    searches = {
        name: {each: [search(words, filters) for words in some] for each, some in WORDS.items()}
        for name, filters in WITHIN.items()
    }
    return {**searches, "suggestions": {"while typing": [suggest], "similar posts": [similar]}}
