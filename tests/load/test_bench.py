"""The bench runs and prints every result. The test does not judge the results."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cgraph_local.core.home import CHECKOUT
from tests.load.feeds import QUERIES
from tests.load.routes import ROUTES


@pytest.mark.usefixtures("only_in_full")
def test_every_result_is_printed_and_written_to_a_file(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.load.bench", "--quick"],
        cwd=CHECKOUT,
        env={**os.environ, "CGRAPH_HOME": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    for heading in ("start again", "memory at rest", "where the CPU goes", "received", "import in"):
        assert heading in done.stdout
    (written,) = (tmp_path / "bench").iterdir()
    figures = json.loads(written.read_text())

    assert {stage["route"] for stage in figures["stages"]} == {route.name for route in ROUTES}
    for stage in figures["stages"]:
        assert (stage["outcome"]["failed"], stage["outcome"]["answered"] > 0) == (0, True), stage
    assert (figures["delivery"]["missing"], figures["delivery"]["refused"]) == (0, 0)
    assert (figures["fan_out"]["missing"], figures["fan_out"]["sockets"]) == (0, 20)
    assert (figures["catch_up"]["missed"], figures["catch_up"]["calls"]) == (30, 1)
    assert figures["voting"]["wrong"] == 0 < figures["voting"]["one_post"]["votes_per_second"]
    assert [each["query"] for each in figures["feeds"]["lists"]] == list(QUERIES)
    assert figures["registry"]["bytes_each"] > 0
