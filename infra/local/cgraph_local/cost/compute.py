"""What Lambda bills: invocations, and milliseconds by memory."""

import math
from collections import defaultdict
from dataclasses import dataclass

from cgraph_local.cost.measurements import PUSHER
from cgraph_local.cost.usage import Usage, work

FULL_CPU_MB = 1769
"""With so much memory a function has one processor to itself."""


@dataclass(frozen=True, slots=True)
class Compute:
    invocations: float
    gb_seconds: float
    cold_starts: float
    log_bytes: float


def compute(usage: Usage) -> Compute:
    a, stacks = usage.assumed, usage.scenario.stacks
    times: defaultdict[str, float] = defaultdict(float)
    gb_seconds = log_bytes = 0.0
    for name, ran, number, waits in work(usage):
        memory = stacks.memory_mb[name]
        milliseconds = billed_ms(ran.cpu_ms * a.cpu_factor, memory_mb=memory, waits_ms=waits)
        invocations = number / a.jobs_per_batch if name == PUSHER else number
        times[name] += invocations
        gb_seconds += number * milliseconds / 1e3 * memory / 1024
        platform = a.platform_log_bytes if stacks.platform_lines else 0.0
        log_bytes += invocations * (ran.log_bytes + platform)
    cold = {name: cold_starts(number, usage) for name, number in times.items()}
    gb_seconds += sum(
        number * a.init_ms / 1e3 * stacks.memory_mb[name] / 1024 for name, number in cold.items()
    )
    return Compute(sum(times.values()), gb_seconds, sum(cold.values()), log_bytes)


def billed_ms(cpu_ms: float, *, memory_mb: int, waits_ms: float) -> float:
    """Lambda rounds up to a millisecond, which is half of one on average."""
    share = min(1.0, memory_mb / FULL_CPU_MB)
    return cpu_ms / share + waits_ms + 0.5


def cold_starts(invocations: float, usage: Usage) -> float:
    """Those that come after a pause longer than an environment lives, if they come by chance."""
    month_minutes = usage.assumed.days * 24 * 60
    alone = math.exp(-invocations * usage.assumed.idle_minutes / month_minutes)
    return invocations * max(alone, usage.assumed.cold_floor)
