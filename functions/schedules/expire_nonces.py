"""Daily: deletes old nonces and old evidence, and takes old posts out of the lists of a day, a week
and a month"""

from cgraph.core import database
from cgraph.core.log import logger
from cgraph.core.worker import schedule_handler
from cgraph.forums.posts.feeds import actions as feeds
from cgraph.moderation.evidence import actions as evidence
from cgraph.system import database_maintenance


async def expire_nonces() -> None:
    """Ranks of posts expire here too: that is due as often, and a schedule of their own would need
    an alarm of its own.
    """
    async with database.autocommit() as tx:
        count = await database_maintenance.expire_nonces(tx)
        await feeds.expire_ranks(tx)
        await evidence.expire_evidence(tx)
    logger.info("nonces_expired", extra={"count": count})


handler = schedule_handler(expire_nonces)
