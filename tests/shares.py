"""How `make test` divides the tests between its processes: one more than there are cores, since a
third of the time of a proof is waiting.

A process takes the next share when it has finished its own. A file is one share; but files that use
the same running system are one share together, since each process starts its own. The longest
shares come first, so that all processes end at about the same time.

The longest shares have a process each, and only this one collects them: to collect a test costs
more than some tests. What is in no share is collected by all, and goes to the first free process.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

SHARES: tuple[tuple[str, ...], ...] = (
    ("tests/feature/",),
    ("tests/proofs/test_s", "tests/proofs/test_r21_", "tests/proofs/test_round_trips"),
    ("tests/proofs/",),
    ("tests/e2e/", "tests/smoke/", "tests/contract/test_events.py"),
)
"""The beginnings of the paths of each share, the longest share first."""

OTHERS = len(SHARES)
PLACED = 3
"""So many of them have a process: the last one may go to any."""


class Shares(LoadScopeScheduling):  # type: ignore[misc]
    """The processes need not have collected the same tests."""

    def __init__(self, config: pytest.Config, log: object) -> None:
        super().__init__(config, log)
        self._is_scheduled = False

    def add_node_collection(self, node: WorkerController, collection: Sequence[str]) -> None:
        assert node in self.assigned_work
        self.registered_collections[node] = list(collection)

    def schedule(self) -> None:
        if not self._is_scheduled:
            self._is_scheduled = True
            collections = self.registered_collections.values()
            every = dict.fromkeys(nodeid for some in collections for nodeid in some)
            for nodeid in sorted(every, key=lambda nodeid: share_of(path_of(nodeid))):
                self.workqueue.setdefault(self._split_scope(nodeid), {})[nodeid] = False
        for _ in range(
            2
        ):  # a process must know of its next share while it runs the last test of one
            for node in self.nodes:
                self._reschedule(node)

    def _reschedule(self, node: WorkerController) -> None:
        if node.shutting_down or self._pending_of(self.assigned_work[node]) > 2:
            return
        scope = next(self._scopes_for(node), None)
        if scope is None:
            node.shutdown()
        else:
            self.workqueue.move_to_end(scope, last=False)
            self._assign_work_unit(node)

    def _scopes_for(self, node: WorkerController) -> Iterator[str]:
        collected = set(self.registered_collections[node])
        return (scope for scope, tests in self.workqueue.items() if collected.issuperset(tests))

    def _split_scope(self, nodeid: str) -> str:
        path = path_of(nodeid)
        place = share_of(path)
        return SHARES[place][0] if place < OTHERS else path


def share_of(path: str) -> int:
    """The place in SHARES; OTHERS where a file is a share of its own."""
    places = (place for place, share in enumerate(SHARES) if path.startswith(share))
    return next(places, OTHERS)


def path_of(nodeid: str) -> str:
    return nodeid.partition("::")[0]


def is_collected(path: Path, config: pytest.Config) -> bool:
    """Whether this process collects it. One that replaces another one collects everything."""
    process: dict[str, object] | None = getattr(config, "workerinput", None)
    if process is None:
        return True
    number, count = (
        int(str(process["workerid"]).removeprefix("gw")),
        int(str(process["workercount"])),
    )
    relative = path.relative_to(config.rootpath).as_posix()
    place = share_of(relative) if path.is_file() else _share_of_all_in(f"{relative}/")
    return place >= PLACED or number >= count or place % count == number


def _share_of_all_in(folder: str) -> int:
    """OTHERS where not all of the folder is in one share."""
    places = [
        place for place, share in enumerate(SHARES) if any(b.startswith(folder) for b in share)
    ]
    return places[0] if len(places) == 1 and folder in SHARES[places[0]] else OTHERS
