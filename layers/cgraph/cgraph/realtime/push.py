"""The push worker's work: frames to sockets through `@connections`. It runs outside the VPC and
touches no state of ours.
"""

import asyncio
import time
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field

from cgraph import metrics, queues
from cgraph.log import logger
from cgraph.settings import settings
from cgraph.streams import encode

if TYPE_CHECKING:
    from aiobotocore.client import AioBaseClient

AT_ONCE = 64
ATTEMPTS = 4
"""After the last one a socket is left to its heartbeat, which shows it that it is behind."""


class Delivery(BaseModel):
    """Frames for connections, in this order for each of them; `close` ends them afterwards."""

    frames: list[str]
    connections: list[str]
    close: bool = False


class PushJob(BaseModel):
    """`attempt`: 1 for the first try. `announced_at`: seconds since 1970.

    `correlation_id`: of the request that announced it.
    """

    deliveries: list[Delivery]
    attempt: int
    announced_at: float = Field(default_factory=time.time)
    correlation_id: str = ""


_client: "AioBaseClient | None" = None
_kept_open = AsyncExitStack()
_opening = asyncio.Lock()


async def push_events(job: PushJob) -> None:
    """Gone sockets go to the `gone` queue, those that were busy come again later. Raises
    QueueUnavailable.
    """
    gate = asyncio.Semaphore(AT_ONCE)
    outcomes = await asyncio.gather(
        *(
            _post(gate, connection, delivery, correlation_id=job.correlation_id)
            for delivery in job.deliveries
            for connection in delivery.connections
        )
    )
    metrics.milliseconds("push.lag", (time.time() - job.announced_at) * 1000)
    metrics.count("push.connections", len(outcomes))
    gone = [outcome for outcome in outcomes if isinstance(outcome, str)]
    again = [outcome for outcome in outcomes if isinstance(outcome, Delivery)]
    if gone:
        metrics.count("push.gone", len(gone))
        queues.send(settings().socket_queue_url, [encode({"gone": gone})])
    if again:
        _try_again(job.model_copy(update={"deliveries": again, "attempt": job.attempt + 1}))


async def _post(
    gate: asyncio.Semaphore, connection: str, delivery: Delivery, *, correlation_id: str
) -> str | Delivery | None:
    """None: all sent. The connection: it is gone. A delivery: what is still to be done."""
    from botocore.exceptions import BotoCoreError, ClientError

    left = Delivery(frames=list(delivery.frames), connections=[connection], close=delivery.close)
    try:
        async with gate:
            await _send(left)
    except (ClientError, BotoCoreError) as error:
        if isinstance(error, ClientError) and error.response["Error"]["Code"] == "GoneException":
            return connection
        about = {"connection_id": connection, "correlation_id": correlation_id}
        logger.warning("push_delayed", extra={**about, "reason": str(error)})
        return left
    return None


async def _send(left: Delivery) -> None:
    """Takes away from `left` what has been sent."""
    (connection,) = left.connections
    api = await _api()
    while left.frames:
        await api.post_to_connection(ConnectionId=connection, Data=left.frames[0].encode())
        del left.frames[0]
    if left.close:
        await api.delete_connection(ConnectionId=connection)


def _try_again(job: PushJob) -> None:
    """After a pause that doubles."""
    if job.attempt > ATTEMPTS:
        about = {"connections": len(job.deliveries), "correlation_id": job.correlation_id}
        logger.error("push_given_up", extra=about)
        return
    pause = 2 ** (job.attempt - 2)
    queues.send(settings().push_queue_url, [job.model_dump_json()], delay_seconds=pause)


async def _api() -> Any:
    """Opened once a process. Its address is in AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI, which
    botocore reads.
    """
    global _client
    async with _opening:
        if _client is None:
            _client = await _kept_open.enter_async_context(_new_client())
    return _client


def _new_client() -> Any:
    import aioboto3
    from botocore.config import Config

    config = Config(
        connect_timeout=2,
        read_timeout=5,
        max_pool_connections=AT_ONCE,
        retries={"total_max_attempts": 1},
        parameter_validation=False,
    )
    return aioboto3.Session().client("apigatewaymanagementapi", config=config)
