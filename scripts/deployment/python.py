"""Finds the Python version that the functions run on, which `sam build` needs on the PATH."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from scripts.deployment.steps import ROOT

VERSION = "3.13"
MISSING = (
    f"`sam build` needs the Python that the functions run on, {VERSION}, and pip.\n"
    f"Install it (macOS: brew install python@{VERSION}; Debian: apt install python{VERSION}-venv;"
    f" anywhere: .venv/bin/uv python install {VERSION}), or name it: make … PYTHON313=/path/to/it"
)


def find_python() -> Path | None:
    """The first candidate that runs: version managers put stubs on the PATH that may not, and some
    folders on it may be closed to this user.
    """
    for path in _candidates():
        if os.access(path, os.X_OK) and _is_right(path):
            return path
    return None


def path_with(python: Path) -> str:
    return f"{python.parent}{os.pathsep}{os.environ['PATH']}"


def _candidates() -> Iterator[Path]:
    name = f"python{VERSION}"
    if chosen := os.environ.get("PYTHON313"):
        yield Path(chosen)
        return
    yield from (Path(folder) / name for folder in os.environ["PATH"].split(os.pathsep))
    yield from sorted(Path.home().glob(f".pyenv/versions/{VERSION}.*/bin/{name}"))
    uv = ROOT / ".venv" / "bin" / "uv"
    uv_output = subprocess.run([uv, "python", "dir"], capture_output=True, text=True, check=False)
    if uv_output.returncode == 0:
        yield from sorted(Path(uv_output.stdout.strip()).glob(f"cpython-{VERSION}.*/bin/{name}"))


def _is_right(path: Path) -> bool:
    code = f"import pip, sys; sys.exit('%d.%d' % sys.version_info[:2] != '{VERSION}')"
    try:
        return subprocess.run([path, "-c", code], capture_output=True, check=False).returncode == 0
    except OSError:
        return False
