"""A signal that only make got still stops what make runs."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

CHILD = """
import asyncio
from cgraph_local.parent import make_told_to_stop

async def wait():
    told = asyncio.create_task(make_told_to_stop())
    await asyncio.sleep(0)  # it has seen its parent
    print("ready", flush=True)
    await told
    print("stopped", flush=True)

asyncio.run(wait())
"""

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="there is no make here")


@pytest.fixture
def make(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    (tmp_path / "child.py").write_text(CHILD)
    (tmp_path / "Makefile").write_text(f"run:\n\t@exec '{sys.executable}' child.py\n")
    outside = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    with subprocess.Popen(
        ["make", "run"], cwd=tmp_path, env=outside, stdout=subprocess.PIPE, text=True
    ) as make:
        assert make.stdout is not None
        assert make.stdout.readline() == "ready\n"
        yield make
        make.kill()


@pytest.mark.parametrize(
    "number",
    [
        pytest.param(
            signal.SIGINT,
            marks=pytest.mark.skipif(sys.platform != "linux", reason="the kernel does not tell"),
        ),
        signal.SIGKILL,
    ],
)
def test_the_child_stops_when_only_make_is_told(
    make: subprocess.Popen[str], number: signal.Signals
) -> None:
    os.kill(make.pid, number)
    assert make.stdout is not None
    assert make.stdout.readline() == "stopped\n"
    assert make.wait(10) == -number
