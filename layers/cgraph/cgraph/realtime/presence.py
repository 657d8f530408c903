"""What users show of themselves to the other subscribers of a stream, and to whom they show it."""

from uuid import UUID

from cgraph.core.ids import short
from cgraph.events.streams import Stream
from cgraph.realtime import ephemeral_events, subscriptions
from cgraph.realtime.coalescing import PRESENCE, parse_flushes, parse_hash, script_call
from cgraph.realtime.connection_store import subscribed_by
from cgraph.realtime.errors import NotSubscribed
from cgraph.realtime.models import Connection
from cgraph.realtime.required_cache import run
from cgraph.realtime.subscription_scripts import SET_BLOCK, SET_STATUS, SET_TYPING, STORE_STATUS
from cgraph.realtime.subscription_store import Status, socket_key, subscribed_streams


async def set_status(connection: Connection, *, status: Status) -> None:
    """Shown wherever this socket is subscribed, now and later. Raises RealtimeUnavailable."""
    own = STORE_STATUS.call(keys=[socket_key(connection.id)], arguments=[status])
    (socket,) = await run(own, scripts=[STORE_STATUS])
    streams = subscribed_streams(parse_hash(socket))
    calls = [script_call(SET_STATUS, each, PRESENCE, connection.id, status) for each in streams]
    answers = await run(*calls, scripts=[SET_STATUS]) if calls else []
    await ephemeral_events.publish_flushes(parse_flushes(streams, PRESENCE, answers))


async def set_typing(connection: Connection, *, stream: Stream, typing: bool) -> None:
    """Raises NotSubscribed, RealtimeUnavailable."""
    call = script_call(
        SET_TYPING, stream, PRESENCE, connection.id, int(typing), connection.received_ms
    )
    (answer,) = await run(call, scripts=[SET_TYPING])
    if answer is None:
        raise NotSubscribed
    await ephemeral_events.publish_flushes(parse_flushes([stream], PRESENCE, [answer]))


async def set_block(*, blocker: UUID, blocked: UUID, is_blocked: bool) -> None:
    """In every stream to which one of the two is subscribed. Raises RealtimeUnavailable."""
    streams = list(await subscribed_by(blocker) | await subscribed_by(blocked))
    users = (short(blocker), short(blocked))
    calls = [
        script_call(
            SET_BLOCK, each, PRESENCE, *users, int(is_blocked), subscriptions.LEASE_SECONDS + 60
        )
        for each in streams
    ]
    answers = await run(*calls, scripts=[SET_BLOCK]) if calls else []
    await ephemeral_events.publish_flushes(parse_flushes(streams, PRESENCE, answers))
