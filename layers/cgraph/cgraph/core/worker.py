"""Functions that no client calls: for queues, for timers, and for an operator who invokes them."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from pydantic import BaseModel

from cgraph.core import loop, metrics
from cgraph.core.log import logger

Job = TypeVar("Job", bound=BaseModel)
Command = TypeVar("Command", bound=BaseModel)
Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


def queue_handler(
    work: Callable[[Job], Awaitable[None]], *, job: type[Job], sequential: bool
) -> Handler:
    """`work` processes the body of one SQS record, as a `job`. A record that raises is reported as
    failed and delivered again; the others are not.

    `sequential`: one record after the other, as the one connection to Postgres demands; otherwise
    the records of a batch are processed concurrently.
    """

    async def attempt(record: dict[str, Any]) -> str | None:
        try:
            await work(job.model_validate_json(record["body"]))
        except Exception:
            logger.exception("record_failed", extra={"message_id": record["messageId"]})
            return str(record["messageId"])
        return None

    async def attempt_all(records: list[dict[str, Any]]) -> list[str | None]:
        if sequential:
            return [await attempt(record) for record in records]
        return await asyncio.gather(*(attempt(record) for record in records))

    def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:
        with metrics.invocation("job.duration"):
            failed = [message for message in loop.run(attempt_all(event["Records"])) if message]
        return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}

    return handle


def schedule_handler(
    work: Callable[[], Coroutine[Any, Any, None]],
) -> Callable[[dict[str, Any], Any], None]:
    """For a timer: what `work` raises fails the invocation, which has an alarm."""

    def handle(event: dict[str, Any], context: Any) -> None:
        with metrics.invocation("job.duration"):
            loop.run(work())

    return handle


def command_handler(
    work: Callable[[Command], Coroutine[Any, Any, BaseModel]], *, command: type[Command]
) -> Handler:
    """For an operator: the event is the `command`, the result is returned as JSON."""

    def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:
        with metrics.invocation("job.duration"):
            return loop.run(work(command.model_validate(event))).model_dump(mode="json")

    return handle
