"""Pushes of changed scores: to subscribers of the post; the score of a post also to those of the
forum.

They are ephemeral: they have no number and are not logged. The first score after a silence is
pushed at once, as the vote counted it. Later ones are pushed by a job, which reads the scores of
that time. In a private forum the job pushes every score, since it checks who is a member.
"""

from uuid import UUID

from cgraph.core import cache
from cgraph.core.log import logger
from cgraph.events.streams import forum_stream, post_stream
from cgraph.realtime import coalescing, ephemeral_events
from cgraph.realtime.coalescing import AT_ONCE, HOLD, NOT_AT_ONCE, SCORES


async def buffer_score(
    id: UUID, *, score: int, post_id: UUID, forum_id: UUID, private: bool
) -> None:
    """Of a post or a comment. Never raises: the vote has been counted."""
    streams = [post_stream(post_id)]
    if id == post_id:
        streams.append(forum_stream(forum_id))
    lead = NOT_AT_ONCE if private else AT_ONCE
    changes = {str(id): score}
    commands = [coalescing.holding(each, SCORES, changes, lead=lead, least=1) for each in streams]
    try:
        answers = await cache.run(*commands, scripts=[HOLD])
    except cache.CacheUnavailable as error:
        logger.warning(
            "ephemeral_publish_failed",
            extra={"reason": str(error), "streams": list(map(str, streams))},
        )
        return
    outcomes = [
        coalescing.outcome(each, SCORES, answer)
        for each, answer in zip(streams, answers, strict=True)
    ]
    await ephemeral_events.settle(outcomes)
