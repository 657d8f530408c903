"""The CPU time that Postgres needs, of its writer and of its readers."""

from dataclasses import dataclass

from cgraph_local.cost.prices import Price
from cgraph_local.cost.usage import Usage

HOURS = 730
MS_PER_HOUR = 3_600_000


@dataclass(frozen=True, slots=True)
class DatabaseLoad:
    """vCPU-hours in a month, on the days for which CPU credits must do. `reader`: of each."""

    writer: float
    reader: float


def database_load(usage: Usage) -> DatabaseLoad:
    """What writes something is done by the writer, with a share of what only reads."""
    a, readers = usage.assumptions, usage.scenario.resources.instances - 1
    reads = writes = 0.0
    for each in usage.monthly_actions:
        milliseconds = each.count * each.action.database_cpu_ms * a.cpu_factor * a.busy_day
        if each.action.log_written_bytes:
            writes += milliseconds
        else:
            reads += milliseconds
    from_readers = reads * a.reader_share if readers else 0.0
    idle = a.idle_cpu * HOURS
    return DatabaseLoad(
        writer=(writes + reads - from_readers) / MS_PER_HOUR + idle,
        reader=from_readers / readers / MS_PER_HOUR + idle if readers else 0.0,
    )


def surplus_credits(usage: Usage, instance: Price) -> float:
    """vCPU-hours above the baselines, which t4g bills: it does not throttle."""
    if not instance.baseline:
        return 0.0
    free = instance.baseline * instance.vcpus * HOURS
    load, readers = database_load(usage), usage.scenario.resources.instances - 1
    return max(0.0, load.writer - free) + readers * max(0.0, load.reader - free)
