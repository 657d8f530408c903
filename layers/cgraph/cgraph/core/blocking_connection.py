"""psycopg's asynchronous connection, whose statements wait in the system call (decision 0111).

A process has one event at a time and a connection one statement, so that while Postgres works there
is nothing that the event loop could do; registering the socket with it costs more than the answer.
"""

from typing import Any, TypeVar

from psycopg import AsyncConnection
from psycopg.abc import PQGen
from psycopg.waiting import wait

Result = TypeVar("Result")

INTERVAL_SECONDS = 0.1


class BlockingConnection(AsyncConnection[Any]):
    """Opened without blocking, since that may take a connection attempt for each address."""

    async def wait(
        self,
        gen: PQGen[Result],
        interval: float = INTERVAL_SECONDS,
        timeout: float | None = None,  # noqa: ASYNC109 - psycopg's own
    ) -> Result:
        return wait(gen, self.pgconn.socket, interval=interval, timeout=timeout)
