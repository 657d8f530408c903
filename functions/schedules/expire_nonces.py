"""Each day: nonces older than 30 days"""

from cgraph import database
from cgraph.log import logger
from cgraph.system import housekeeping
from cgraph.worker import schedule_handler


async def expire_nonces() -> None:
    """A client that retries for a month has given up."""
    async with database.autocommit() as tx:
        gone = await housekeeping.expire_nonces(tx)
    logger.info("nonces_expired", extra={"count": gone})


handler = schedule_handler(expire_nonces)
