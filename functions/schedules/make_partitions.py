"""Each day: the partitions of the months ahead"""

from cgraph.core import database
from cgraph.core.worker import schedule_handler
from cgraph.system import database_maintenance


async def make_partitions() -> None:
    """Months before a row needs them."""
    async with database.autocommit() as tx:
        await database_maintenance.make_partitions(tx)


handler = schedule_handler(make_partitions)
