"""Polls in Postgres: infra/schema/forums/polls.sql."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.forums.posts.polls.models import PollChoiceRow


async def choose_in_poll(
    tx: Transaction,
    *,
    id: UUID,
    voter: UUID,
    choices: Sequence[int],
    shadowed: bool,
    now: datetime,
) -> PollChoiceRow:
    """Replaces the voter's earlier choices. The counts stay exact under concurrent calls."""
    row = await tx.fetch_one(
        PollChoiceRow,
        """
        SELECT vote_in_poll(%(id)s, %(voter)s, %(choices)s::smallint[], %(shadowed)s, %(now)s)
            AS refusal
        """,
        {"id": id, "voter": voter, "choices": list(choices), "shadowed": shadowed, "now": now},
    )
    assert row is not None, "the function always returns one row"
    return row
