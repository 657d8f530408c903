"""R20: 5,000 votes at once on one post, each voter changing their vote again and again: the score
is the sum of the votes, and so is what moderators see of new accounts. And a reader who pages
through a list while its ranks change gets every item that was there, once."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Sequence

from tests.conftest import Report, Size
from tests.person import Person
from tests.proofs.broken import Mutation, broken_schema
from tests.proofs.ranked_forum import (
    RankedForum,
    page_while_voting,
    paging_faults,
    vote_concurrently,
)
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
    original="(after_rank::integer, after_id)\n"
    "          AND r.since <= ranks_at AND r.until > ranks_at\n        ORDER BY",
    replacement="(after_rank::integer, after_id) AND r.until = 'infinity'\n        ORDER BY",
)
COMMENTS_BY_LIVE_RANKS = Mutation(
    "infra/schema/forums/comment_tree.sql",
    original="AND r.since <= ranks_at AND r.until > ranks_at",
    replacement="AND r.until = 'infinity'",
)


async def test_the_score_is_the_sum_of_concurrent_votes(
    local: LocalSystem, size: Size, report: Report
) -> None:
    author = await local.new_person("author")
    voters = await local.people(size(10, 50))
    forum = await RankedForum.create(local, author, posts=1, comments=1)
    (post,) = forum.posts
    local.query(f"UPDATE post_counts SET ups = 0, downs = 0, score = 0 WHERE post_id = '{post}'")
    dice = random.Random(20)
    votes = [(voter, dice.choice(VALUES)) for _ in range(size(12, 100)) for voter in voters]
    await vote_concurrently((voter, "posts", post, value) for voter, value in votes)
    last = [(voter, dice.choice(VALUES)) for voter in voters]
    responses = await vote_concurrently((voter, "posts", post, value) for voter, value in last)
    by_new_accounts = (await author.get(f"/posts/{post}"))["new_account_votes"]
    (*right, people, score) = local.query(SUMS.format(post=post))[0]
    karma = (await author.get("/me"))["karma"]
    report(
        "R20 votes on one post",
        votes=len(votes) + len(last),
        people=len(voters),
        voted=people,
        score=score,
        karma=karma,
    )
    assert right == [True] * 5, "ups, downs, score, one a person, rank"
    values = [value for _, value in last]
    assert by_new_accounts == {"ups": values.count(1), "downs": values.count(-1)}
    assert karma == score == sum(value for _, value in last)
    assert [each["my_vote"] for each in responses] == [value for _, value in last]


async def test_paging_while_ranks_change_neither_repeats_nor_skips(
    local: LocalSystem, size: Size, report: Report
) -> None:
    voters = await local.people(size(3, 8))
    author = await local.new_person("author")
    forum = await RankedForum.create(local, author, posts=size(120, 600), comments=size(120, 600))
    for sort in size(1, 5) * SORTS:
        faults = await page_through(forum, voters, sort=sort)
        report(f"R20 paging by {sort}", posts=len(forum.posts), **faults)
        assert not any(faults.values())
    faults = await page_through(forum, voters, sort="best")
    report("R20 paging by best", comments=len(forum.comments), **faults)
    assert not any(faults.values())


async def test_the_proof_fails_where_pages_use_live_ranks(
    local: LocalSystem, report: Report
) -> None:
    voters = await local.people(3)
    forum = await RankedForum.create(local, await local.new_person(), posts=120, comments=120)
    with broken_schema(local, POSTS_BY_LIVE_RANKS), broken_schema(local, COMMENTS_BY_LIVE_RANKS):
        posts = await page_through(forum, voters, sort="top")
        comments = await page_through(forum, voters, sort="best")
    report("R20 posts by live ranks", **posts)
    report("R20 comments by live ranks", **comments)
    for faults in (posts, comments):
        assert faults["repeated"] > 0 and faults["skipped"] > 0


async def page_through(
    forum: RankedForum, voters: Sequence[Person], *, sort: str
) -> dict[str, int]:
    reader, comments = voters[0], sort == "best"

    def pages() -> AsyncIterator[list[str]]:
        if comments:
            return forum.comment_pages(reader, limit=PAGE)
        return forum.post_pages(reader, sort=sort, limit=PAGE)

    order = [id async for page in pages() for id in page]
    kind = "comments" if comments else "posts"
    read = await page_while_voting(pages(), order, kind=kind, voters=voters)
    forum.age_ranks()
    return paging_faults(read, forum.comments if comments else forum.posts)
