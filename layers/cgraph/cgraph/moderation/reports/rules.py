"""How much a report adds to the priority of its case."""

from cgraph.moderation.reports.models import ReporterRecord

LOWEST = 10
HIGHEST = 200


def report_weight(record: ReporterRecord) -> int:
    """100 for a reporter without a record, up to 200 if the earlier reports were upheld, down to 10
    if they were dismissed. While the reporter is banned from the forum, the report weighs nothing:
    case_priority() in infra/schema/moderation/report_queue.sql.
    """
    decided = record.upheld + record.dismissed
    return max(LOWEST, HIGHEST * (record.upheld + 1) // (decided + 2))
