"""Functions that no client calls: for queues, for timers, and for an operator who invokes them."""

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from cgraph.core import loop, metrics, queues
from cgraph.core.lease import Lease
from cgraph.core.log import logger
from cgraph.core.settings import settings

Job = TypeVar("Job", bound=BaseModel)
Command = TypeVar("Command", bound=BaseModel)
Record = dict[str, Any]
Handler = Callable[[dict[str, Any], Any], dict[str, Any]]

MAX_RETRY_SECONDS = 60
"""Before a job that keeps failing is tried again."""


def queue_handler(work: Callable[[Job], Awaitable[None]], *, job: type[Job]) -> Handler:
    """`work` processes the body of one SQS record, as a `job`, one after the other. A record that
    raises is reported as failed and delivered again, soon at first and then later and later; the
    others are not.
    """
    return leased_queue_handler(lambda each, _: work(each), job=job)


def leased_queue_handler(
    work: Callable[[Job, Lease], Awaitable[None]], *, job: type[Job]
) -> Handler:
    """As `queue_handler`, for a `work` that takes long and renews the lease of its message."""

    async def attempt(record: Record) -> bool:
        try:
            await work(job.model_validate_json(record["body"]), Lease(record))
        except Exception:
            logger.exception("record_failed", extra={"message_id": record["messageId"]})
            return False
        return True

    async def failures(records: Sequence[Record]) -> list[Record]:
        return [record for record in records if not await attempt(record)]

    return _handler(failures)


def batch_handler(work: Callable[[Sequence[Job]], Awaitable[None]], *, job: type[Job]) -> Handler:
    """`work` processes the bodies of all records of a batch together. If it raises, all of them
    are delivered again; a record that is no `job` is delivered again alone.
    """

    async def failures(records: Sequence[Record]) -> list[Record]:
        jobs: list[Job] = []
        unreadable: list[Record] = []
        for record in records:
            try:
                jobs.append(job.model_validate_json(record["body"]))
            except ValidationError:
                logger.exception("record_failed", extra={"message_id": record["messageId"]})
                unreadable.append(record)
        try:
            await work(jobs)
        except Exception:
            logger.exception("batch_failed", extra={"records": len(records)})
            return list(records)
        return unreadable

    return _handler(failures)


def _handler(failures: Callable[[Sequence[Record]], Coroutine[Any, Any, list[Record]]]) -> Handler:
    """`failures`: processes the records and returns those that failed."""

    def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:
        with metrics.invocation("job.duration"):
            failed = loop.run(failures(event["Records"]))
            _retry_soon(failed)
        return {"batchItemFailures": [{"itemIdentifier": each["messageId"]} for each in failed]}

    return handle


def _retry_soon(records: Sequence[Record]) -> None:
    """Otherwise a job that met a short fault would wait for the visibility timeout of its queue."""
    if not records:
        return
    name = str(records[0]["eventSourceARN"]).rpartition(":")[2]
    delays = {record["receiptHandle"]: _retry_delay(record) for record in records}
    try:
        queues.set_visibility(f"{settings().queues_url}/{name}", delays)
    except queues.QueueUnavailable as error:  # then the visibility timeout applies
        logger.warning("retry_not_scheduled", extra={"reason": str(error)})


def _retry_delay(record: Record) -> int:
    """In seconds: 2, 8, 32, and then MAX_RETRY_SECONDS."""
    attempts = int(record["attributes"]["ApproximateReceiveCount"])
    return int(min(2 * 4 ** (attempts - 1), MAX_RETRY_SECONDS))


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
