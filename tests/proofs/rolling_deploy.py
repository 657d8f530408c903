"""A system in the middle of a deployment: events go to the code of this checkout and to that of an
older commit by turns, as while versions are replaced. Both run on one database, which the new code
has migrated.
"""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from cgraph_local.core.home import CHECKOUT
from tests.proofs.broken import Mutation, broken_system
from tests.system import LocalSystem

OLD = "-old"
"""The end of the name of a function that runs the old code."""

ENVIRONMENTS = "2"
"""Of each function and version, so that those of both versions find room beside each other."""

TAKES_TURNS = Mutation(
    "infra/local/cgraph_local/host/lambda_host.py",
    original="        pool = self._pools.get(function)\n",
    replacement=f"""\
        self._turns = getattr(self, "_turns", dict[str, int]())
        self._turns[function] = self._turns.get(function, 0) + 1
        is_old = self._turns[function] % 2 and f"{{function}}{OLD}" in self._pools
        pool = self._pools.get(f"{{function}}{OLD}" if is_old else function)
""",
)
HAS_OLD_FUNCTIONS = Mutation(
    "infra/local/cgraph_local/cloud/local_cloud.py",
    original="        return replace(stack, functions=functions, buckets=",
    replacement=f"""\
        old = Path(os.environ["OLD_CHECKOUT"])
        translated = translate(old / "template.yaml", cache=None)
        old_stack = resolve_stack(translated, root=old, context=context)
        for name, function in old_stack.functions.items():
            if name in functions:
                function = replace(function, reserved_concurrency=None)
                functions[f"{{name}}{OLD}"] = with_environment(function, endpoints=self._endpoints)
        return replace(stack, functions=functions, buckets=""",
)


def check_out(commit: str, folder: Path) -> Path:
    """The files of the commit. Skips the test in a checkout without history, but not in CI, which
    has to fetch all of it.
    """
    found = subprocess.run(
        ["git", "cat-file", "-e", f"{commit}^{{commit}}"],
        cwd=CHECKOUT,
        capture_output=True,
        check=False,
    )
    if found.returncode:
        reason = f"the history has no commit {commit}: fetch all of it (git fetch --unshallow)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    folder.mkdir()
    archive = subprocess.run(
        ["git", "archive", commit], cwd=CHECKOUT, capture_output=True, check=True
    )
    subprocess.run(["tar", "-x", "-C", folder], input=archive.stdout, check=True)
    return folder


@asynccontextmanager
async def rolling_system(
    folder: Path, *mutations: Mutation, old: Path
) -> AsyncIterator[LocalSystem]:
    """`mutations`: of the new code. `old`: the checkout of the old one."""
    mutations = (TAKES_TURNS, HAS_OLD_FUNCTIONS, *mutations)
    variables = {"OLD_CHECKOUT": str(old), "CGRAPH_ENVIRONMENTS": ENVIRONMENTS}
    async with broken_system(folder, *mutations, **variables) as system:
        yield system


def invocations(system: LocalSystem) -> Counter[str]:
    """Of the old and of the new code, of functions that both have."""
    counted: Counter[str] = Counter()
    statistics = system.statistics()
    for name, report in statistics.items():
        if name.endswith(OLD):
            counted["old"] += report["invocations"]
        elif f"{name}{OLD}" in statistics:
            counted["new"] += report["invocations"]
    return counted
