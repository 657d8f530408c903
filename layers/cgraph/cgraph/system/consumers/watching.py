"""What is done about the log each minute. It reads what search knows of changes, which health does
not import.
"""

from uuid import uuid4

from cgraph.core import database, metrics
from cgraph.events import nudges
from cgraph.search.changes import SCORES_AT_ONCE, log_changed_scores
from cgraph.system.consumers import queries
from cgraph.system.consumers.actions import consumer_states

WINDOW_EVENTS = 5_000
"""Of a consumer that is far behind, at least; at most those of a minute more."""


async def watch_consumers() -> None:
    """Publishes how far each is behind, and nudges all: some nudge may be lost, or a failed event
    be due. What changes too often to be logged each time is logged now, and the log is cut. Raises
    DatabaseUnavailable, QueueUnavailable.
    """
    async with database.autocommit() as tx:
        while await log_changed_scores(tx) == SCORES_AT_ONCE:
            pass
        await queries.cut_log(tx, events=WINDOW_EVENTS)
    states = await consumer_states()
    metrics.lags_of_consumers({state.name: state.lag_seconds for state in states})
    metrics.count("consumer.set_aside", sum(state.set_aside for state in states))
    nudges.nudge_all(group=str(uuid4()))
