"""Daily: creates the partitions of the months ahead"""

from cgraph.core import database
from cgraph.core.worker import schedule_handler
from cgraph.system import database_maintenance


async def make_partitions() -> None:
    async with database.autocommit() as tx:
        await database_maintenance.make_partitions(tx)


handler = schedule_handler(make_partitions)
