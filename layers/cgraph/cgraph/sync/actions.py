"""Catching up: a client learns what happened in its streams since it was last connected."""

from contextlib import suppress
from datetime import UTC, datetime

from cgraph.accounts.people.models import User
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.errors import AuthenticationRequired
from cgraph.core.settings import settings
from cgraph.notifications.inbox.models import Badge
from cgraph.realtime import connections, subscriptions
from cgraph.realtime.actions import heads_by_name
from cgraph.realtime.errors import RealtimeUnavailable
from cgraph.realtime.models import Connection
from cgraph.sync import catch_up, queries, socket_catch_up
from cgraph.sync.models import Hello, HelloRequest, SyncReply, SyncRequest

HELLO_HEADS = 400
REPLY_BYTES = 2_500_000
"""Of events and snapshots in one answer to POST /sync: a function may answer 6 MB, and JSON in JSON
may double the size.
"""


async def hello(tx: Transaction, *, connection: Connection, greeting: HelloRequest) -> Hello:
    """Starts pushing events to the socket, then reads heads, so that nothing falls between. Sends
    the events that a client with cursors has missed.

    Whether the session lives is read after the socket listens too (decision 0146): what ends it
    later finds the socket. Raises AuthenticationRequired, RealtimeUnavailable.
    """
    caller = connection.caller
    sockets = await connections.start_listening(connection)
    row = await queries.greeting(
        tx, session_id=caller.session_id, reader=caller.id, limit=HELLO_HEADS + 1
    )
    if row is None:
        await connections.close_connections([connection.id])
        raise AuthenticationRequired("The session has ended: log in again")
    heads = row.stream_heads()
    first = heads[: HELLO_HEADS + 1]
    if greeting.cursors:
        with suppress(RealtimeUnavailable):  # the client sees from the heads that it is behind
            await socket_catch_up.send_missing_events(
                tx, connection=connection, cursors=greeting.cursors, known=heads
            )
    return Hello(
        connection_id=connection.id,
        user=User.model_validate(row.user).with_urls(),
        heartbeat_ms=settings().heartbeat_seconds * 1000,
        max_frame_bytes=32_000,
        expires_at=datetime.fromtimestamp(
            connection.opened_at + settings().socket_life_seconds, UTC
        ),
        storm_jitter_ms=connections.storm_jitter_ms(sockets),
        lease_ms=subscriptions.LEASE_SECONDS * 1000,
        heads=heads_by_name(first),
        badge=Badge(unread=row.unread, unseen=row.unseen),
        more_heads=len(heads) > len(first),
    )


async def sync_streams(tx: Transaction, *, caller: Caller, request: SyncRequest) -> SyncReply:
    from pydantic_core import to_json

    reply = await catch_up.catch_up(tx, caller=caller, cursors=request.cursors, limit=request.limit)
    catch_up.cut_to_size(reply, at_most=REPLY_BYTES, weigh=lambda part: len(to_json(part)))
    return reply


async def sync_over_socket(
    tx: Transaction, *, connection: Connection, request: SyncRequest
) -> SyncReply:
    """Pushes the events to the socket as frames that end with `caught_up`; the answer has the gaps
    without them. Raises RealtimeUnavailable.
    """
    return await socket_catch_up.send_missing_events(
        tx, connection=connection, cursors=request.cursors, limit=request.limit
    )
