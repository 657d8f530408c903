"""Each day: nonces older than 30 days, and posts too old for the lists of a day, week or month"""

from cgraph.core import database
from cgraph.core.log import logger
from cgraph.core.worker import schedule_handler
from cgraph.forums.posts.feeds import actions as feeds
from cgraph.system import database_maintenance


async def expire_nonces() -> None:
    """A client that retries for a month has given up. What takes posts out of lists is here because
    it is as small, and as often: a timer of its own would have an alarm of its own.
    """
    async with database.autocommit() as tx:
        gone = await database_maintenance.expire_nonces(tx)
        await feeds.expire_ranks(tx)
    logger.info("nonces_expired", extra={"count": gone})


handler = schedule_handler(expire_nonces)
