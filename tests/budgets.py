"""What each kind of test may take in `make test`, and which files take more than their share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

import pytest

BUDGETS = {
    "tests/unit": 90,
    "tests/contract": 90,
    "tests/feature": 230,
    "tests/e2e": 110,
    "tests/proofs": 220,
}
"""Seconds of one process, on two idle cores."""

LONGEST = {"tests/unit": 12, "tests/contract": 15, "tests/feature": 5, "tests/e2e": 20}
"""Seconds of one file; of a proof LONGEST_PROOF."""
LONGEST_PROOF = 25


def lines(reports: Iterable[pytest.TestReport]) -> Iterator[str]:
    """The seconds of each kind beside its budget, and the files that take too long."""
    by_kind, by_file = defaultdict[str, float](float), defaultdict[str, float](float)
    for report in reports:
        file = report.nodeid.partition("::")[0]
        by_file[file] += report.duration
        by_kind[kind_of(file)] += report.duration
    for kind, budget in BUDGETS.items():
        if kind in by_kind:
            over = ", over its budget" if by_kind[kind] > budget else ""
            yield f"{kind}: {by_kind[kind]:.0f} s of {budget}{over}"
    for file, seconds in sorted(by_file.items(), key=lambda each: -each[1]):
        longest = LONGEST.get(kind_of(file), LONGEST_PROOF)
        if seconds > longest:
            yield f"{file} takes {seconds:.0f} s, more than {longest}"


def kind_of(file: str) -> str:
    return "/".join(file.split("/")[:2])
