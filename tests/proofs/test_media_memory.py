"""The largest files that are allowed take at most 60 % of the memory of ProcessUploads."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cgraph_local.core.home import CHECKOUT
from tests.conftest import Report
from tests.contract.checkout import Checkout
from tests.proofs.largest_media import INPUTS, write

SHARE = 0.6


@pytest.mark.usefixtures("only_in_full")
@pytest.mark.parametrize("name", INPUTS)
def test_the_largest_files_leave_room_in_memory(tmp_path: Path, name: str, report: Report) -> None:
    (tmp_path / "type").write_text(write(name, tmp_path / "incoming"))
    command = [sys.executable, "-m", "tests.proofs.largest_media", name, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=CHECKOUT)
    measured = json.loads(done.stdout.splitlines()[-1])
    most = Checkout(CHECKOUT).stack.functions["ProcessUploads"].memory_mb * 1024**2

    assert measured["outcome"] in ("image", "video", "audio", "file"), measured
    assert measured["bytes"] <= SHARE * most
    report(
        "memory of the largest media",
        name=name,
        percent=round(100 * measured["bytes"] / most),
        cpu_s=measured["cpu_s"],
    )
