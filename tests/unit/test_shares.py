"""Which process of the tests collects and runs what."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests import cpu_time, shares

FEATURE, SECURITY = "tests/feature/auth/test_log_in.py", "tests/proofs/test_s1_permissions.py"
RELIABILITY, UNIT = "tests/proofs/test_r1_retry_after_a_lost_reply.py", "tests/unit/test_shares.py"


def process(worker: str | None, root: Path) -> Any:
    config = SimpleNamespace(rootpath=root)
    if worker is not None:
        config.workerinput = {"workerid": worker, "workercount": 3}
    return config


@pytest.mark.parametrize(
    ("worker", "expected"),
    [
        ("gw0", {FEATURE, UNIT}),
        ("gw1", {SECURITY, UNIT}),
        ("gw2", {RELIABILITY, UNIT}),
        ("gw3", {FEATURE, SECURITY, RELIABILITY, UNIT}),
        (None, {FEATURE, SECURITY, RELIABILITY, UNIT}),
    ],
    ids=["feature tests", "security", "reliability", "a replacement", "without others"],
)
def test_a_process_collects_only_what_it_may_run(
    worker: str | None, expected: set[str], pytestconfig: pytest.Config
) -> None:
    root = pytestconfig.rootpath
    config = process(worker, root)
    files = (FEATURE, SECURITY, RELIABILITY, UNIT)
    assert {file for file in files if shares.is_collected(root / file, config)} == expected


def test_a_folder_is_left_out_only_where_all_of_it_is_of_another_process(
    pytestconfig: pytest.Config,
) -> None:
    root = pytestconfig.rootpath
    config = process("gw1", root)
    assert not shares.is_collected(root / "tests/feature", config)
    assert shares.is_collected(root / "tests/proofs", config)
    assert shares.is_collected(root / "tests", config)


def test_the_cpu_time_of_all_processes_is_held_against_the_budget() -> None:
    within, over = (next(cpu_time.lines({"gw0": each, "gw1": 20.0})) for each in (100.0, 600.0))
    assert within == f"CPU time: 120 s of {cpu_time.BUDGET} (gw0 100, gw1 20)"
    assert "over its budget" in over
