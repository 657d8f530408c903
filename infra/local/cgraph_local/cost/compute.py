"""The usage that Lambda bills: invocations, and duration by memory."""

import math
from collections import defaultdict
from dataclasses import dataclass

from cgraph_local.cost.measurements import PUSH_FUNCTION
from cgraph_local.cost.usage import Usage, function_runs

FULL_CPU_MB = 1769
"""With this memory a function has the power of one vCPU."""


@dataclass(frozen=True, slots=True)
class Compute:
    invocations: float
    gb_seconds: float
    cold_starts: float
    log_bytes: float


def lambda_compute(usage: Usage) -> Compute:
    a, resources = usage.assumptions, usage.scenario.resources
    invocations_of: defaultdict[str, float] = defaultdict(float)
    gb_seconds = log_bytes = 0.0
    for name, per_run, number, wait_ms in function_runs(usage):
        memory = resources.memory_mb[name]
        milliseconds = billed_ms(per_run.cpu_ms * a.cpu_factor, memory_mb=memory, wait_ms=wait_ms)
        invocations = number / a.jobs_per_batch if name == PUSH_FUNCTION else number
        invocations_of[name] += invocations
        gb_seconds += number * milliseconds / 1e3 * memory / 1024
        platform = a.platform_log_bytes if resources.platform_lines else 0.0
        log_bytes += invocations * (per_run.log_bytes + platform)
    cold = {name: cold_starts(number, usage) for name, number in invocations_of.items()}
    gb_seconds += sum(
        number * a.init_ms / 1e3 * resources.memory_mb[name] / 1024 for name, number in cold.items()
    )
    return Compute(sum(invocations_of.values()), gb_seconds, sum(cold.values()), log_bytes)


def billed_ms(cpu_ms: float, *, memory_mb: int, wait_ms: float) -> float:
    """Lambda rounds up to a millisecond, which adds half of one on average."""
    share = min(1.0, memory_mb / FULL_CPU_MB)
    return cpu_ms / share + wait_ms + 0.5


def cold_starts(invocations: float, usage: Usage) -> float:
    """The invocations that come after a pause in which the last environment has ended, if they are
    distributed randomly.
    """
    month_minutes = usage.assumptions.days * 24 * 60
    share = math.exp(-invocations * usage.assumptions.idle_minutes / month_minutes)
    return invocations * max(share, usage.assumptions.cold_floor)
