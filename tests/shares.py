"""How `make test` divides the tests between its processes: one more than there are cores, since a
third of the time of a proof is waiting.

A process takes the next share when it has finished its own. A file is one share; but files that use
the same running system are one share together, since each process starts its own. The longest
shares come first, so that all processes end at about the same time.
"""

from __future__ import annotations

import pytest
from xdist.scheduler import LoadScopeScheduling

SHARES: tuple[tuple[str, ...], ...] = (
    ("tests/feature/",),
    ("tests/proofs/test_s", "tests/proofs/test_r21_", "tests/proofs/test_round_trips"),
    ("tests/proofs/",),
    ("tests/e2e/", "tests/smoke/", "tests/contract/test_events.py"),
)
"""The beginnings of the paths of each share, the longest share first."""

OTHERS = len(SHARES)


class Shares(LoadScopeScheduling):  # type: ignore[misc]
    def __init__(self, config: pytest.Config, log: object) -> None:
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        place = share_of(path)
        return SHARES[place][0] if place < OTHERS else path


def share_of(path: str) -> int:
    """The place in SHARES; OTHERS where a file is a share of its own."""
    places = (place for place, share in enumerate(SHARES) if path.startswith(share))
    return next(places, OTHERS)
