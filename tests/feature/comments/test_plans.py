"""A page of comments is one scan of an index, however many there are."""

from __future__ import annotations

import re

import pytest

from cgraph.core.pagination import FIRST_ID, LAST_ID
from tests.feature.auto_explain import nested_plans
from tests.feature.forum import new_thread
from tests.feature.world import Person, World


@pytest.mark.parametrize("sort", ["best", "new", "old"])
async def test_a_level_of_comments_is_one_scan_of_an_index(
    world: World, ada: Person, sort: str
) -> None:
    thread = await new_thread(ada)
    await thread.insert_comments(3000)
    await world.sql("ANALYZE comments, comment_ranks")
    texts = nested_plans(
        world,
        "SELECT count(*) FROM replies_to(%s, %s, now(), 'infinity', %s, 21)",
        *(thread.post, sort, FIRST_ID if sort == "old" else LAST_ID),
        runs=6,
        log_analyze="on",
        log_timing="off",
    )
    plans = "\n".join(text for text in texts if "Function Scan" not in text)

    assert "comment_ranks_best" in plans if sort == "best" else "comments_by_parent" in plans
    for unwanted in ("Seq Scan on comments", "Seq Scan on comment_ranks", "Sort"):
        assert unwanted not in plans, plans
    touched = [float(rows) for rows in re.findall(r"actual rows=([\d.]+)", plans)]
    assert max(touched) <= 21, plans
