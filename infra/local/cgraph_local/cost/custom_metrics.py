"""The names of the metrics that functions emit. Each is a custom metric, which CloudWatch bills."""

import re
from functools import cache
from pathlib import Path

METRIC = re.compile(
    r'(?:metrics\.(?:count|milliseconds|invocation)|\bmilliseconds|_add)\(\s*"([a-z._]+)"'
    r'|duration(?:: str)? ?= ?"([a-z._]+)"'
)


@cache
def custom_metrics(checkout: Path) -> frozenset[str]:
    return frozenset(
        name
        for folder in ("layers/cgraph", "functions")
        for path in (checkout / folder).rglob("*.py")
        for match in METRIC.finditer(path.read_text())
        for name in match.groups()
        if name and "." in name
    )
