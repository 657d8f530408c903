"""How much a report adds to the priority of its case."""

from cgraph.moderation.reports.models import ReporterRecord

LOWEST = 10
HIGHEST = 200


def report_weight(record: ReporterRecord, *, is_banned: bool) -> int:
    """100 for a reporter without a record, up to 200 if the earlier reports were upheld, down to 10
    if they were dismissed. A report of a user who is banned from the forum weighs nothing.
    """
    if is_banned:
        return 0
    decided = record.upheld + record.dismissed
    return max(LOWEST, HIGHEST * (record.upheld + 1) // (decided + 2))
