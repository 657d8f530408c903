"""OpenSearch for tests: a real one, which all processes of a run share, and one that is quicker and
only answers as it does. Each test or system takes a prefix of its own for what it makes there.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import httpx
import psutil
import pytest

from cgraph_local.core.home import CHECKOUT
from cgraph_local.services.java import java_and_maven_are_here
from cgraph_local.services.opensearch_files import PROGRAM
from cgraph_local.services.ports import free_port
from tests.opensearch_keeper import PID, URL
from tests.shared_folder import VARIABLE, locked, shared_folder

REAL, FAKE = "opensearch", "fake"
START_SECONDS = 130.0
STOP_SECONDS = 20.0
OWNER = "CGRAPH_TESTS_PID"
"""The process of the run that ends last."""
NOT_FETCHED = "CGRAPH_TESTS_WITHOUT_OPENSEARCH"
"""Set by `.ci/run` where Maven could not fetch it; its output says so."""
FAKE_FILES = "lib/python3*/site-packages/osmem_server/bin/osmem-server"


def real_opensearch() -> str:
    """The URL of CGRAPH_OPENSEARCH_URL, or of one that the run starts. Skips the test where there
    is none; in CI only where there is no Java either.
    """
    url = os.environ.get("CGRAPH_OPENSEARCH_URL", "").rstrip("/")
    if not url:
        if missing := _missing():
            note(f"no real OpenSearch: {missing}")
            pytest.skip(missing)
        url = _shared_node()
    note(f"{_version(url)} at {url}")
    return url


@contextmanager
def fake_opensearch() -> Iterator[str]:
    """The URL of one of this process's own. Skips the test where there is none for the machine."""
    program = fake_program()
    if program is None:
        pytest.skip("the fake OpenSearch has no program for this machine")
    port = free_port()
    command = [str(program), "-addr", f"127.0.0.1:{port}", "-no-stdin-watch"]
    command += ["-parent-pid", str(os.getpid())]
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_ready(url, process)
        note(f"a fake that says it is {_version(url)}")
        yield url
    finally:
        process.terminate()
        process.wait(STOP_SECONDS)


def search_variables(url: str) -> dict[str, str]:
    """With which a local cloud searches there, in indexes of its own."""
    return {
        "CGRAPH_SEARCH": "opensearch",
        "CGRAPH_OPENSEARCH_URL": url,
        "CGRAPH_OPENSEARCH_PREFIX": new_prefix(),
    }


def new_prefix() -> str:
    return f"test-{uuid4().hex[:12]}"


def delete_indexes(url: str, prefix: str) -> None:
    """All whose names begin with the prefix."""
    with httpx.Client(base_url=url, trust_env=False, timeout=30) as client:
        names = client.get(f"/{prefix}*/_settings", params={"flat_settings": "true"}).json()
        for name in names:
            client.delete(f"/{name}").raise_for_status()


def note(line: str) -> None:
    """For the end of the run's output."""
    with locked("engines") as file:
        seen = file.read_text().splitlines() if file.exists() else []
        if line not in seen:
            file.write_text("\n".join([*seen, line]))


def noted() -> list[str]:
    file = shared_folder() / "engines"
    return file.read_text().splitlines() if VARIABLE in os.environ and file.exists() else []


def stop_shared_node() -> None:
    """Called by the process of the run that ends last."""
    file = shared_folder() / "opensearch" / PID
    try:
        keeper = psutil.Process(int(file.read_text()))
        keeper.terminate()
        keeper.wait(STOP_SECONDS)
    except (FileNotFoundError, psutil.NoSuchProcess):
        pass


def fake_program() -> Path | None:
    return next((CHECKOUT / ".venv-search-fake").glob(FAKE_FILES), None)


def has_real_opensearch() -> bool:
    return bool(os.environ.get("CGRAPH_OPENSEARCH_URL")) or _missing() is None


def skip_without_assembly() -> None:
    """In CI only where there is no Java."""
    if missing := _missing():
        pytest.skip(missing)


def _missing() -> str | None:
    if PROGRAM.is_dir():
        return None
    if java_and_maven_are_here():
        missing = "no OpenSearch is assembled: `make opensearch` does it"
        assert "CI" not in os.environ or NOT_FETCHED in os.environ, missing
        return missing
    return "no Java 17 and Maven to assemble OpenSearch with, and no CGRAPH_OPENSEARCH_URL"


def _shared_node() -> str:
    with locked("opensearch") as folder:
        if not (folder / URL).exists():
            _start_node(folder)
    return (folder / URL).read_text()


def _start_node(folder: Path) -> None:
    console = folder.with_name("opensearch.console")
    with console.open("wb") as output:
        subprocess.run(
            [sys.executable, "-m", "tests.opensearch_keeper", folder, os.environ[OWNER]],
            cwd=CHECKOUT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            check=True,
        )
    keeper = int((folder / PID).read_text())
    limit = time.monotonic() + START_SECONDS
    while not (folder / URL).exists():
        if not psutil.pid_exists(keeper) or time.monotonic() > limit:
            raise AssertionError(f"OpenSearch did not start:\n{console.read_text()[-4000:]}")
        time.sleep(0.05)


def _wait_ready(url: str, process: subprocess.Popen[bytes]) -> None:
    limit = time.monotonic() + STOP_SECONDS
    while process.poll() is None and time.monotonic() < limit:
        try:
            httpx.get(url, trust_env=False)
            return
        except httpx.TransportError:
            time.sleep(0.02)
    raise AssertionError("the fake OpenSearch did not start")


def _version(url: str) -> str:
    version = httpx.get(url, trust_env=False, timeout=30).json()["version"]
    return f"OpenSearch {version['number']}"
