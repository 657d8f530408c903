"""A connection to Postgres that is opened on first use, and opened again where it has died."""

import select
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cgraph.core import iam
from cgraph.core.settings import Settings, settings

if TYPE_CHECKING:
    from psycopg import AsyncConnection


@dataclass(slots=True)
class LazyConnection:
    """`at_reader`: to the reader, otherwise to the primary."""

    at_reader: bool
    connection: "AsyncConnection[Any] | None" = None

    def reset(self) -> None:
        """Drops the connection of another environment: the next statement opens a new one."""
        self.connection = None


async def live_connection(lazy: LazyConnection) -> "AsyncConnection[Any]":
    """Replaces one that died while this environment was frozen, before anything is sent."""
    if lazy.connection is not None and not _is_usable(lazy.connection):
        await lazy.connection.close()
        lazy.connection = None
    if lazy.connection is None:
        lazy.connection = await connect(at_reader=lazy.at_reader)
    return lazy.connection


def _is_usable(connection: "AsyncConnection[Any]") -> bool:
    """On an idle connection the server sends nothing: readable means that it was closed."""
    from psycopg.pq import TransactionStatus

    if connection.closed or connection.info.transaction_status != TransactionStatus.IDLE:
        return False
    poll = select.poll()
    poll.register(connection.pgconn.socket, select.POLLIN)
    return not poll.poll(0)


async def connect(*, at_reader: bool) -> "AsyncConnection[Any]":
    """Without `options` and SET: RDS Proxy refuses the one and pins on the other. Timeouts are set
    on the role.
    """
    from psycopg.types.json import set_json_loads
    from pydantic_core import from_json

    from cgraph.core.blocking_connection import BlockingConnection

    here = settings()
    host = here.database_reader_host if at_reader else here.database_host
    port = here.database_reader_port if at_reader else here.database_port
    connection = await BlockingConnection.connect(
        host=host,
        port=port,
        dbname=here.database_name,
        user=here.database_user,
        connect_timeout=3,
        keepalives_idle=30,
        autocommit=True,
        prepare_threshold=None,
        **_credentials(here, host=host, port=port),
    )
    set_json_loads(from_json, connection)  # twice as quick as json's own: 90 µs in a list
    return connection


def _credentials(here: Settings, *, host: str, port: int) -> dict[str, Any]:
    if here.database_auth == "none":
        return {}
    return dict(iam.database_credentials(host=host, port=port, user=here.database_user))
