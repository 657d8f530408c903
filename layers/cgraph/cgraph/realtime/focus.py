"""Which sockets look at a stream just now: what lives for seconds (typing, presence, receipts) is
told to them and to nobody else.

One hash a stream: connection → "user lease-end status". Without Valkey nobody is in focus.
"""

from uuid import UUID

from cgraph import cache
from cgraph.log import logger
from cgraph.streams import Stream

_LEAVE = cache.Script(
    """
local entries = redis.call('HGETALL', KEYS[1])
for field = 1, #entries, 2 do
  if string.match(entries[field + 1], '%S+') == ARGV[1] then
    redis.call('HDEL', KEYS[1], entries[field])
  end
end
"""
)


async def leave(*, user_id: UUID, stream: Stream) -> None:
    """None of the person's sockets is told what happens there any more. Never raises."""
    call = _LEAVE.call(keys=[focus_key(stream.id)], arguments=[str(user_id)])
    try:
        await cache.run(call, scripts=[_LEAVE])
    except cache.CacheUnavailable as error:
        logger.error("focus_not_left", extra={"reason": str(error), "stream": str(stream)})


async def hold_receipt(*, stream: Stream, user_id: UUID, seq: int) -> None:
    """The person has read up to there: told with others', soon. Never raises."""
    held = f"held:{{{stream.id}}}:receipts"
    try:
        await cache.run(("HSET", held, str(user_id), seq), ("EXPIRE", held, 60))
    except cache.CacheUnavailable as error:
        logger.warning("receipt_not_told", extra={"reason": str(error), "stream": str(stream)})


def focus_key(stream: UUID) -> str:
    return f"focus:{{{stream}}}"
