"""Scores as they move, told to whoever looks at the post, those of posts to whoever looks at the
forum too. None of it has a number, none is kept.

Told at once where nothing was told for a while, and then what the vote itself has counted; later
ones by a job, which reads what they are by then. In a private forum it is always the job: it knows
who is a member.
"""

from uuid import UUID

from cgraph.core import cache
from cgraph.core.log import logger
from cgraph.events.streams import forum_stream, post_stream
from cgraph.realtime import coalescing, ephemeral_events
from cgraph.realtime.coalescing import AT_ONCE, HOLD, NOT_AT_ONCE, SCORES


async def hold_score(id: UUID, *, score: int, post_id: UUID, forum_id: UUID, private: bool) -> None:
    """Of a post or a comment. Never raises: the vote has been counted."""
    streams = [post_stream(post_id)]
    if id == post_id:
        streams.append(forum_stream(forum_id))
    lead = NOT_AT_ONCE if private else AT_ONCE
    held = {str(id): score}
    commands = [coalescing.holding(each, SCORES, held, lead=lead, least=1) for each in streams]
    try:
        answers = await cache.run(*commands, scripts=[HOLD])
    except cache.CacheUnavailable as error:
        logger.warning("not_told", extra={"reason": str(error), "streams": list(map(str, streams))})
        return
    await ephemeral_events.settle(
        [
            coalescing.outcome(each, SCORES, told)
            for each, told in zip(streams, answers, strict=True)
        ]
    )
