"""How far the consumers are behind, and what an operator does about them."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from cgraph.core import database, metrics
from cgraph.core.clock import Timestamp
from cgraph.core.fields import Body, Model
from cgraph.events import nudges
from cgraph.search.changes import SCORES_AT_ONCE, log_changed_scores
from cgraph.system import consumer_queries as queries

LISTED = 100


class ConsumerState(Model):
    """A consumer of the log of events, all its shards together."""

    name: str
    shards: int = Field(description="How many batches may be in work at once.")
    behind: int = Field(description="Events of the log behind it; 10,000 stands for more.")
    lag_seconds: float = Field(description="The age of the oldest of them; 0 without any.")
    failed: int = Field(description="Events on which it failed and which it will try again.")
    set_aside: int = Field(description="Events on which it failed at each try.")


class FailedEvent(Model):
    """An event on which a consumer failed."""

    number: int
    stream_id: UUID
    seq: int
    type: str
    created_at: Timestamp
    reason: str
    tries: int
    retry_at: Timestamp | None = Field(description="Null where it is set aside.")


class ConsumerCommand(Body):
    """What an operator asks for. `rewind` and `replay` need the name of a consumer."""

    action: Literal["list", "rewind", "replay"]
    name: str | None = None
    to: datetime | None = Field(
        default=None, description="`rewind` to the first event from here on; null for all."
    )
    number: int | None = Field(
        default=None, description="The failed event to `replay`; null for all that are set aside."
    )


class ConsumerReport(Model):
    consumers: list[ConsumerState]
    failed_events: list[FailedEvent] = Field(description="Of the consumer that was named.")


class UnknownConsumer(Exception):
    """No consumer of that name has run yet."""


async def consumer_states() -> list[ConsumerState]:
    async with database.reading() as tx:
        return [ConsumerState(**asdict(row)) for row in await queries.consumers(tx)]


async def watch_consumers() -> None:
    """Publishes how far each is behind, and nudges all: some nudge may be lost, or a failed event
    be due. What changes too often to be logged each time is logged now. Raises DatabaseUnavailable,
    QueueUnavailable.
    """
    async with database.autocommit() as tx:
        while await log_changed_scores(tx) == SCORES_AT_ONCE:
            pass
    states = await consumer_states()
    for state in states:
        metrics.lag_of_consumer(state.name, seconds=state.lag_seconds)
    longest = max((state.lag_seconds for state in states), default=0)
    metrics.milliseconds("consumer.lag", longest * 1000)
    metrics.count("consumer.set_aside", sum(state.set_aside for state in states))
    nudges.nudge_all()


async def manage_consumers(command: ConsumerCommand) -> ConsumerReport:
    """Raises UnknownConsumer, DatabaseUnavailable, QueueUnavailable."""
    failed: Sequence[queries.FailedRow] = []
    if command.name is not None:
        async with database.transaction() as tx:
            await _change(tx, command, command.name)
            failed = await queries.failed_events(tx, name=command.name, limit=LISTED)
    if command.action != "list":
        nudges.nudge_all()
    states = await consumer_states()
    if command.name is not None and command.name not in {state.name for state in states}:
        raise UnknownConsumer(command.name)
    return ConsumerReport(
        consumers=[state for state in states if command.name in (None, state.name)],
        failed_events=[FailedEvent(**asdict(row)) for row in failed],
    )


async def _change(tx: database.Transaction, command: ConsumerCommand, name: str) -> None:
    match command.action:
        case "rewind" if command.to is None:
            await queries.restart(tx, name=name)
        case "rewind":
            assert command.to is not None
            await queries.rewind(tx, name=name, to=command.to)
        case "replay":
            await queries.replay(tx, name=name, number=command.number)
        case "list":
            return
