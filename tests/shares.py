"""How `make test` shares the tests out between its processes.

A process takes the next share when it has done its own. A file is one share, but files that look
at the same running system are one together, since each process starts its own; they are long, so
they come first.
"""

from __future__ import annotations

import pytest
from xdist.scheduler import LoadScopeScheduling

TOGETHER = (
    ("tests/proofs/",),
    ("tests/feature/",),
    ("tests/e2e/", "tests/smoke/", "tests/contract/test_events.py"),
)


class Shares(LoadScopeScheduling):  # type: ignore[misc]
    def __init__(self, config: pytest.Config, log: object) -> None:
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        share = place(path)
        return TOGETHER[share][0] if share < len(TOGETHER) else path


def place(path: str) -> int:
    """Which of TOGETHER it belongs to; after them all come the others."""
    places = (where for where, starts in enumerate(TOGETHER) if path.startswith(starts))
    return next(places, len(TOGETHER))
