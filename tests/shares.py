"""How `make test` shares the tests out between its processes.

A file stays whole, and files that look at the same running system stay together, since each
process starts its own.
"""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

TOGETHER = {
    "tests/e2e/test_emulator_deployment.py": "",
    "tests/e2e/": "the local cloud",
    "tests/proofs/": "the local cloud",
    "tests/smoke/": "the local cloud",
    "tests/contract/test_events.py": "the local cloud",
    "tests/feature/": "real handlers",
}
"""By the start of the path, the first that fits; the empty name: by itself."""


class Shares(LoadScopeScheduling):  # type: ignore[misc]
    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        names = (name for start, name in TOGETHER.items() if path.startswith(start))
        return next(names, "") or path
