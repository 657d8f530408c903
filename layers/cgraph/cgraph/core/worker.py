"""Functions without a caller: queues and timers; and an operator's, who calls by hand. One record
in, nothing or an exception out; only what failed comes again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from pydantic import BaseModel

from cgraph.core import loop, metrics
from cgraph.core.log import logger

Job = TypeVar("Job", bound=BaseModel)
Order = TypeVar("Order", bound=BaseModel)
Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


def queue_handler(
    work: Callable[[Job], Awaitable[None]], *, job: type[Job], in_turn: bool
) -> Handler:
    """`work` gets a record's body as a `job`. `in_turn`: the records of a batch one after another,
    as the one connection to Postgres demands; else side by side.
    """

    async def attempt(record: dict[str, Any]) -> str | None:
        try:
            await work(job.model_validate_json(record["body"]))
        except Exception:
            logger.exception("record_failed", extra={"message_id": record["messageId"]})
            return str(record["messageId"])
        return None

    async def attempt_all(records: list[dict[str, Any]]) -> list[str | None]:
        if in_turn:
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
    """A timer's function: what it raises is the invocation's failure, which has an alarm."""

    def handle(event: dict[str, Any], context: Any) -> None:
        with metrics.invocation("job.duration"):
            loop.run(work())

    return handle


def order_handler(
    work: Callable[[Order], Coroutine[Any, Any, BaseModel]], *, order: type[Order]
) -> Handler:
    """An operator's function: the event is an `order`, and the answer is theirs to read."""

    def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:
        with metrics.invocation("job.duration"):
            return loop.run(work(order.model_validate(event))).model_dump(mode="json")

    return handle
