"""A page of comments is index scans, however many there are."""

from __future__ import annotations

import re
from uuid import UUID

import psycopg
import pytest

from tests.feature.comments.test_list_comments import fill
from tests.feature.comments.threads import start_thread
from tests.feature.world import Person, World

LAST = UUID(int=2**128 - 1)


@pytest.mark.parametrize("sort", ["best", "new", "old"])
async def test_one_level_is_one_walk_of_an_index(world: World, ada: Person, sort: str) -> None:
    thread = await start_thread(ada)
    await fill(thread, 3000)
    await world.sql("ANALYZE comments, comment_ranks")
    plans = await explained(world, thread.post, sort)

    assert "comment_ranks_best" in plans if sort == "best" else "comments_by_parent" in plans
    for unwanted in ("Seq Scan on comments", "Seq Scan on comment_ranks", "Sort"):
        assert unwanted not in plans, plans
    touched = [float(rows) for rows in re.findall(r"actual rows=([\d.]+)", plans)]
    assert max(touched) <= 21, plans


async def explained(world: World, post: str, sort: str) -> str:
    """The plans of what list_replies() asks, the sixth time: then Postgres would keep a generic
    one.
    """
    connection = await psycopg.AsyncConnection.connect(world.endpoints.admin_conninfo)
    plans: list[str] = []
    async with connection:
        connection.add_notice_handler(lambda notice: plans.append(str(notice.message_primary)))
        await connection.execute("LOAD 'auto_explain'")
        for setting in (
            "auto_explain.log_min_duration = 0",
            "auto_explain.log_nested_statements = on",
            "auto_explain.log_analyze = on",
            "auto_explain.log_timing = off",
            "auto_explain.log_level = notice",
            "client_min_messages = notice",
        ):
            await connection.execute(f"SET {setting}")
        for _ in range(6):
            plans.clear()
            await connection.execute(
                "SELECT count(*) FROM list_replies(%s, %s, now(), 'infinity', %s, 21)",
                (post, sort, UUID(int=0) if sort == "old" else LAST),
            )
    return "\n".join(plan for plan in plans if "Function Scan" not in plan)
