"""Polls in Postgres: infra/schema/forums/polls.sql."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.forums.posts.polls.models import Chosen


async def choose(
    tx: Transaction,
    *,
    id: UUID,
    voter: UUID,
    choices: Sequence[int],
    shadowed: bool,
    now: datetime,
) -> Chosen:
    """Instead of what they chose before; the tally is exact whoever chooses at once."""
    chosen = await tx.fetch_one(
        Chosen,
        """
        SELECT vote_in_poll(%(id)s, %(voter)s, %(choices)s::smallint[], %(shadowed)s, %(now)s)
            AS refusal
        """,
        {"id": id, "voter": voter, "choices": list(choices), "shadowed": shadowed, "now": now},
    )
    assert chosen is not None, "a function answers one row"
    return chosen
