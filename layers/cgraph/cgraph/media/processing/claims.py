"""Who processes an upload: one worker at a time, although S3 may announce its file twice."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from cgraph.core import clock, database, lease
from cgraph.core.errors import DatabaseUnavailable
from cgraph.core.log import logger
from cgraph.media.processing import queries

DURATION = timedelta(seconds=lease.SECONDS - 2)
"""So that it has ended when the message of a killed worker is delivered again."""

Result = TypeVar("Result")


class UploadClaimed(Exception):
    """Another worker has it: the message must come again, since that one may be killed."""


@dataclass(frozen=True, slots=True)
class Claim:
    """`id`: of the claim; `upload_id`: of what is claimed."""

    id: UUID
    upload_id: UUID
    message: lease.Lease

    async def run(self, work: Callable[[], Result]) -> Result:
        """What `work` returns, which blocks. The claim and the message are kept meanwhile."""
        return await lease.in_thread(work, renew=self._renew)

    async def _renew(self) -> None:
        self.message.renew()
        try:
            async with database.autocommit() as tx:
                await queries.renew_claim(
                    tx, id=self.upload_id, claim=self.id, until=clock.now() + DURATION
                )
        except DatabaseUnavailable as error:
            logger.warning("claim_not_renewed", extra={"reason": str(error)})

    async def release(self) -> None:
        """For the next attempt, which need not wait then."""
        async with database.autocommit() as tx:
            await queries.renew_claim(tx, id=self.upload_id, claim=self.id, until=clock.now())
