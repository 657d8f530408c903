"""Score updates: published to the subscribers of the post, and those of posts also to the
subscribers of the forum.

The first update within a window is published at once, with the score that the vote has counted;
later ones by a job, which reads the scores as they are by then. In a private forum it is always the
job, which knows who is still a member; and where a vote is seen by its voter only, for whom the job
adds it.

Another job, one for all scores of a window, logs that they have changed: search ranks by them.
"""

from uuid import UUID

from cgraph.core import cache
from cgraph.core.log import logger
from cgraph.events.streams import forum_stream, post_stream
from cgraph.forums.votes import score_log
from cgraph.realtime import ephemeral_events
from cgraph.realtime.coalescing import (
    ANY_MEMBER_COUNT,
    BUFFER,
    NEVER_AT_ONCE,
    SCORES,
    buffer_command,
    parse_flush,
)
from cgraph.realtime.ephemeral_events import score_field


async def buffer_score(
    id: UUID,
    *,
    score: int,
    post_id: UUID,
    forum_id: UUID,
    only_for: UUID | None,
    at_once: bool,
    is_changed: bool,
) -> None:
    """Of a post or a comment. `only_for`: the user who alone sees this score; None: everybody.
    `at_once`: whether the score may be published without the job. `is_changed`: whether it is
    another than before. Never raises: the vote has been counted.
    """
    name = score_field(id, only_for=only_for)
    streams = [post_stream(post_id)]
    if id == post_id:
        streams.append(forum_stream(forum_id))
    member_limit = ANY_MEMBER_COUNT if at_once else NEVER_AT_ONCE
    commands = [
        buffer_command(each, SCORES, {name: score}, member_limit=member_limit, min_subscribers=1)
        for each in streams
    ]
    log_scores = score_log.command()
    if is_changed:
        commands.append(log_scores)
    try:
        answers = await cache.run(*commands, scripts=[BUFFER])
    except cache.CacheUnavailable as error:
        about = {"reason": str(error), "streams": list(map(str, streams))}
        logger.warning("ephemeral_publish_failed", extra=about)
        return
    pairs = zip(streams, answers, strict=False)
    await ephemeral_events.publish_flushes(
        [parse_flush(stream, SCORES, answer) for stream, answer in pairs]
    )
    if is_changed:
        score_log.settle(log_scores, answers[-1])
