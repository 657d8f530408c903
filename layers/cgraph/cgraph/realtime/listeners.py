"""The sockets that an event is pushed to. Their users are marked before it is, so that what they
read next has what the event told them (see recent_changes).
"""

import time
from collections.abc import Iterable, Mapping, Sequence

from cgraph.core import cache, recent_changes
from cgraph.core.ids import UserId, from_short
from cgraph.core.settings import settings
from cgraph.realtime.connection_store import connections_key, parse_socket_entry
from cgraph.realtime.subscription_store import Subscriber

FIND_SOCKETS = cache.Script(
    recent_changes.MARK
    + """
local sockets = redis.call('HGETALL', KEYS[1])
if #sockets > 0 then mark_change(KEYS[2]) end
return sockets
"""
)


def find_sockets(user_id: UserId) -> cache.Command:
    """The sockets of a user; marks the user where there are any, if there is a reader."""
    key = connections_key(user_id)
    if not settings().has_reader:
        return ("HGETALL", key)
    return FIND_SOCKETS.call(keys=[key, recent_changes.key_of(user_id)], arguments=[])


def listening_sockets(answer: Mapping[str, str] | Sequence[str]) -> list[str]:
    """The connection ids, from what `find_sockets` answers."""
    if not isinstance(answer, Mapping):
        answer = dict(zip(answer[::2], answer[1::2], strict=True))
    now = time.time()
    sockets = ((connection, parse_socket_entry(text)) for connection, text in answer.items())
    return [connection for connection, each in sockets if each.listens and each.expires > now]


async def mark_subscribers(subscribers: Iterable[Subscriber]) -> None:
    """In one round trip, if there is a reader. Raises CacheUnavailable."""
    if settings().has_reader:
        await recent_changes.mark({UserId(from_short(each.user)) for each in subscribers})
