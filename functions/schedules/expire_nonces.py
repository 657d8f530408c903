"""Hourly: deletes old nonces, evidence, notifications, usernames and one-time tokens, and takes old
posts out of the lists of a day, a week and a month, and old tombstones out of the trees of
comments"""

from cgraph.accounts.one_time_tokens.actions import expire_one_time_tokens
from cgraph.accounts.people import actions as people
from cgraph.core import database
from cgraph.core.log import logger
from cgraph.core.worker import schedule_handler
from cgraph.forums.comments.pruning.actions import prune_comments
from cgraph.forums.posts.feeds import actions as feeds
from cgraph.moderation.evidence import actions as evidence
from cgraph.notifications.expiring import expire_notifications
from cgraph.system import database_maintenance


async def expire_nonces() -> None:
    """What else is due about as often is here too: a schedule of its own would need an alarm of its
    own.
    """
    async with database.autocommit() as tx:
        count = await database_maintenance.expire_nonces(tx)
        await feeds.expire_ranks(tx)
        await evidence.expire_evidence(tx)
        await people.forget_usernames(tx)
        await expire_one_time_tokens(tx)
    logger.info("nonces_expired", extra={"count": count})
    logger.info("notifications_expired", extra={"rows": await expire_notifications()})
    logger.info("comments_pruned", extra={"posts": await prune_comments()})


handler = schedule_handler(expire_nonces)
