"""Each day: the partitions of the months ahead"""

from cgraph import database
from cgraph.system import housekeeping
from cgraph.worker import schedule_handler


async def make_partitions() -> None:
    """Months before a row needs them."""
    async with database.autocommit() as tx:
        await housekeeping.make_partitions(tx)


handler = schedule_handler(make_partitions)
