"""Opens pages in a real Chromium, with what `make browser` installs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess

import pytest

from cgraph_local.core.home import CHECKOUT

PYTHON = CHECKOUT / ".venv-browser" / "bin" / "python"
FOLDER = CHECKOUT / "tests" / "browser"
VISIT_SECONDS = 60


def find_chromium() -> str:
    """Its path. Skips the test where something is missing; in CI that fails."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    missing = None
    if path is None:
        missing = "there is no Chromium: `apt-get install chromium`, or set CHROMIUM to its path"
    elif not PYTHON.exists():
        missing = "nothing drives the browser: `make browser` installs it"
    if missing is not None:
        assert "CI" not in os.environ, missing
        pytest.skip(missing)
    return str(path)


def open_page(chromium: str, address: str, page: str) -> dict[str, object]:
    """The `outcomes` that the page has at its end. `address`: where it is for the browser."""
    done = subprocess.run(
        [PYTHON, FOLDER / "visit.py", chromium, address],
        input=page,
        capture_output=True,
        text=True,
        timeout=VISIT_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))
