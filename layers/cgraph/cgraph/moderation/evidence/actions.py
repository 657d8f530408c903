"""Evidence: a case keeps what was reported, until some time after the decision."""

from cgraph.core.database import Transaction
from cgraph.moderation.evidence import queries
from cgraph.moderation.evidence.models import EVIDENCE_DAYS

BATCH_SIZE = 1000


async def expire_evidence(tx: Transaction) -> int:
    """Deletes what was kept of cases that were resolved long ago. Returns how many versions."""
    count = 0
    while deleted := await queries.delete_evidence(tx, days=EVIDENCE_DAYS, limit=BATCH_SIZE):
        count += deleted
    return count
