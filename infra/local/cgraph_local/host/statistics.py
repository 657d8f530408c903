"""Statistics of the invocations since the start: `cgraph functions` and `make bench` show them."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from cgraph_local.host.invocation import InvocationError

MAX_SAMPLES = 20_000


def _samples() -> deque[float]:
    return deque(maxlen=MAX_SAMPLES)


@dataclass(slots=True)
class FunctionStatistics:
    invocations: int = 0
    errors: dict[str, int] = field(default_factory=dict)
    cpu_ms: deque[float] = field(default_factory=_samples)
    """CPU time of the latest invocations, measured inside the environment."""
    duration_ms: deque[float] = field(default_factory=_samples)
    init_ms: deque[float] = field(default_factory=_samples)

    def count_error(self, error: InvocationError) -> None:
        self.errors[error.name.lower()] = self.errors.get(error.name.lower(), 0) + 1

    def report(self) -> dict[str, object]:
        return {
            "invocations": self.invocations,
            "errors": dict(self.errors),
            "cpu_ms": quantiles(self.cpu_ms),
            "duration_ms": quantiles(self.duration_ms),
            "init_ms": quantiles(self.init_ms),
        }


def quantiles(values: Iterable[float]) -> dict[str, float]:
    """`count`, and unless it is 0: `mean`, `p50`, `p95`, `p99` and `max`."""
    ordered = sorted(values)
    if not ordered:
        return {"count": 0}
    last = len(ordered) - 1
    at = {f"p{percent}": round(ordered[last * percent // 100], 3) for percent in (50, 95, 99)}
    mean = round(sum(ordered) / len(ordered), 3)
    return {"count": len(ordered), "mean": mean, **at, "max": round(ordered[-1], 3)}
