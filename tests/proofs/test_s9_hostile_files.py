"""S9: hostile files are refused, or nothing hostile is left of them; and none harms the worker.

Each file goes the way of the worker: a process of its own, with its limits.
"""

from __future__ import annotations

import os
import signal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from cgraph.media.headers import DOWNLOAD_TYPE, object_headers
from cgraph.media.processing.files import import_libraries, process_file
from cgraph.media.processing.isolation import run_isolated
from cgraph.media.processing.refusal import FileRefused
from cgraph.media.processing.results import Processed
from cgraph.media.uploads.models import Purpose
from tests.conftest import Report
from tests.proofs.hostile_files import MARK, HostileFile, hostile_files

LEAST = 60


def processed(file: HostileFile, folder: Path) -> Processed:
    """Raises FileRefused."""
    incoming, results = folder / "incoming", folder / "results"
    incoming.write_bytes(file.content)
    results.mkdir()
    work = partial(
        process_file,
        incoming,
        claimed=file.claimed,
        purpose=Purpose.ATTACHMENT,
        waveform=None,
        into=results,
    )
    return run_isolated(work)


def problem(file: HostileFile, folder: Path) -> str | None:
    """What is wrong with what became of it."""
    try:
        result = processed(file, folder)
    except FileRefused as refusal:
        if file.refused is None:
            return f"it was refused: {refusal.reason}"
        return None if refusal.reason == file.refused else f"refused as {refusal.reason}"
    if file.refused is not None:
        return f"it was taken, although it should be refused as {file.refused}"
    if result.kind == "file":
        return _served_problem(result)
    kept = [each.name for each in result.files if MARK in each.path.read_bytes()]
    return f"{kept} still have what is hostile" if kept else None


def _served_problem(result: Processed) -> str | None:
    """A file keeps its bytes: then no browser may show it."""
    headers = object_headers(
        filename="page.html",
        content_type=result.files[0].content_type,
        is_shown=False,
        is_public=True,
    )
    if headers["ContentType"] != DOWNLOAD_TYPE:
        return f"a browser is told that it is {headers['ContentType']}"
    if not headers["ContentDisposition"].startswith("attachment"):
        return "a browser shows it"
    return None


def test_hostile_files_are_refused_or_lose_what_is_hostile(tmp_path: Path, report: Report) -> None:
    import_libraries()
    files = list(hostile_files())
    assert len(files) >= LEAST
    problems = []
    for number, file in enumerate(files):
        folder = tmp_path / str(number)
        folder.mkdir()
        if found := problem(file, folder):
            problems.append(f"{file.name}: {found}")
    assert not problems, "\n".join(problems)
    report("S9", files=len(files))


def endless() -> None:
    while True:
        pass


def greedy() -> int:
    return len(bytearray(2 * 1024**3))


def dying() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("work", [endless, greedy, dying])
def test_what_hangs_takes_too_much_or_dies_refuses_the_file_only(work: Any) -> None:
    with pytest.raises(FileRefused) as refusal:
        run_isolated(work, seconds=1)
    assert refusal.value.reason == "not_readable"
    assert run_isolated(lambda: "the worker lives on") == "the worker lives on"
