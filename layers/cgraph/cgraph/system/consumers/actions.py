"""How far the consumers are behind, and what an operator does about them."""

from uuid import uuid4

from cgraph.core import database
from cgraph.events import nudges
from cgraph.system.consumers import queries
from cgraph.system.consumers.models import (
    ConsumerCommand,
    ConsumerReport,
    ConsumerState,
    FailedEvent,
)

LISTED = 100


class UnknownConsumer(Exception):
    """No consumer of that name has run yet."""


async def consumer_states() -> list[ConsumerState]:
    """Raises DatabaseUnavailable."""
    async with database.reading() as tx:
        return await queries.consumers(tx)


async def manage_consumers(command: ConsumerCommand) -> ConsumerReport:
    """Raises UnknownConsumer, DatabaseUnavailable, QueueUnavailable."""
    states = {state.name: state for state in await consumer_states()}
    if command.name is None and command.action == "list":
        return ConsumerReport(consumers=list(states.values()), failed_events=[])
    if command.name not in states:
        raise UnknownConsumer(f"there is no {command.name}, but {', '.join(states) or 'none'}")
    failed = await _change(command, name=command.name)
    if command.action != "list":
        nudges.nudge_all(group=str(uuid4()))
    return ConsumerReport(
        consumers=[each for each in await consumer_states() if each.name == command.name],
        failed_events=failed,
    )


async def _change(command: ConsumerCommand, *, name: str) -> list[FailedEvent]:
    """Returns what it has failed on."""
    async with database.transaction() as tx:
        match command.action:
            case "rewind" if command.to is None:
                await queries.restart(tx, name=name)
            case "rewind":
                await queries.rewind(tx, name=name, to=command.to)
            case "replay":
                await queries.replay(tx, name=name, number=command.number)
        return await queries.failed_events(tx, name=name, limit=LISTED)
