"""R20: 5,000 votes at once on one post, each person changing their mind again and again; the score
is what the votes say. And whoever pages through a list while its ranks move sees everything that
was there, once."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Sequence

from tests.conftest import Report, Size
from tests.person import Person
from tests.proofs.board import Board, faults, vote_together, walk_among_voters
from tests.proofs.broken import Mutation, broken_schema
from tests.system import LocalSystem

VALUES = (1, 1, -1, 0)
SORTS = ("top", "hot", "controversial")
PAGE = 40

SUMS = """
    SELECT c.ups = count(*) FILTER (WHERE v.value = 1),
           c.downs = count(*) FILTER (WHERE v.value = -1),
           c.score = coalesce(sum(v.value), 0), count(*) = count(DISTINCT v.user_id),
           max(r.score) = c.score, count(DISTINCT v.user_id), c.score
    FROM post_counts c
    LEFT JOIN votes v ON v.target_id = c.post_id
    JOIN post_ranks r ON r.post_id = c.post_id AND r.until = 'infinity'
    WHERE c.post_id = '{post}'
    GROUP BY c.post_id
"""

POSTS_BY_LIVE_RANKS = Mutation(
    "infra/schema/forums/feeds.sql",
    was="(after_rank::integer, after_id)\n"
    "          AND r.since <= ranks_at AND r.until > ranks_at\n        ORDER BY",
    becomes="(after_rank::integer, after_id) AND r.until = 'infinity'\n        ORDER BY",
)
COMMENTS_BY_LIVE_RANKS = Mutation(
    "infra/schema/forums/comment_tree.sql",
    was="AND r.since <= ranks_at AND r.until > ranks_at",
    becomes="AND r.until = 'infinity'",
)


async def test_the_score_is_what_the_votes_say(
    local: LocalSystem, size: Size, report: Report
) -> None:
    author = await local.new_person("author")
    voters = await local.people(size(10, 50))
    board = await Board.open(local, author, posts=1, comments=1)
    (post,) = board.posts
    local.query(f"UPDATE post_counts SET ups = 0, downs = 0, score = 0 WHERE post_id = '{post}'")
    chance = random.Random(20)
    turns = [(who, chance.choice(VALUES)) for _ in range(size(30, 100)) for who in voters]
    await vote_together((who, "posts", post, way) for who, way in turns)
    last = [(who, chance.choice(VALUES)) for who in voters]
    answers = await vote_together((who, "posts", post, way) for who, way in last)
    (*right, people, score) = local.query(SUMS.format(post=post))[0]
    karma = (await author.get("/me"))["karma"]
    report(
        "R20 votes on one post",
        votes=len(turns) + len(last),
        people=len(voters),
        voted=people,
        score=score,
        karma=karma,
    )
    assert right == [True] * 5, "ups, downs, score, one a person, rank"
    assert karma == score == sum(way for _, way in last)
    assert [answer["my_vote"] for answer in answers] == [way for _, way in last]


async def test_a_walk_among_voters_neither_repeats_nor_skips(
    local: LocalSystem, size: Size, report: Report
) -> None:
    voters = await local.people(size(3, 8))
    author = await local.new_person("author")
    board = await Board.open(local, author, posts=size(120, 600), comments=size(120, 600))
    for sort in size(1, 5) * SORTS:
        found = await walked(board, voters, sort=sort)
        report(f"R20 a walk by {sort}", posts=len(board.posts), **found)
        assert not any(found.values())
    found = await walked(board, voters, sort="best")
    report("R20 a walk by best", comments=len(board.comments), **found)
    assert not any(found.values())


async def test_by_live_ranks_this_proof_fails(local: LocalSystem, report: Report) -> None:
    voters = await local.people(3)
    board = await Board.open(local, await local.new_person(), posts=120, comments=120)
    with broken_schema(local, POSTS_BY_LIVE_RANKS), broken_schema(local, COMMENTS_BY_LIVE_RANKS):
        posts = await walked(board, voters, sort="top")
        comments = await walked(board, voters, sort="best")
    report("R20 posts by live ranks", **posts)
    report("R20 comments by live ranks", **comments)
    for found in (posts, comments):
        assert found["repeated"] > 0 and found["skipped"] > 0


async def walked(board: Board, voters: Sequence[Person], *, sort: str) -> dict[str, int]:
    """The faults of one walk."""
    reader, comments = voters[0], sort == "best"

    def pages() -> AsyncIterator[list[str]]:
        if comments:
            return board.talk(reader, limit=PAGE)
        return board.feed(reader, sort=sort, limit=PAGE)

    order = [id async for page in pages() for id in page]
    kind = "comments" if comments else "posts"
    seen = await walk_among_voters(pages(), order, kind=kind, voters=voters)
    board.pass_time()
    return faults(seen, board.comments if comments else board.posts)
