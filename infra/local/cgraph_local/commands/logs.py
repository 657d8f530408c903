"""`cgraph logs [FUNCTION] [--follow]`"""

import argparse
import sys
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from cgraph_local.core.function_logs import entry_time, format_entry, parse_line
from cgraph_local.core.home import Home

POLL_SECONDS = 0.2


def main(arguments: argparse.Namespace) -> int:
    folder = Home.from_environment().logs
    files = _files(folder, function=arguments.function)
    if not files and not arguments.follow:
        subject = f"{arguments.function} has" if arguments.function else "The functions have"
        print(f"{subject} logged nothing yet (looked in {folder})", file=sys.stderr)
        return 1
    lines = [(path.stem, line) for path in files for line in _last(path, count=arguments.lines)]
    for function, line in sorted(
        lines, key=lambda line: entry_time(parse_line(line[1], request_id=""))
    ):
        _print(line, function=function)
    if arguments.follow:
        _follow(folder, function=arguments.function)
    return 0


def _files(folder: Path, *, function: str | None) -> list[Path]:
    """The log files of functions. Their names begin with a capital; those of services do not."""
    if function is not None:
        return [path for path in (folder / f"{function}.log",) if path.exists()]
    return sorted(path for path in folder.glob("*.log") if path.name[0].isupper())


def _last(path: Path, *, count: int) -> list[bytes]:
    with path.open("rb") as file:
        return list(deque(file, maxlen=count))


def _follow(folder: Path, *, function: str | None) -> None:
    """Prints new lines until Ctrl-C. After a rotation it goes on with the new file."""
    open_files = {path: _open(path, at_end=True) for path in _files(folder, function=function)}
    while True:
        for path in _files(folder, function=function):
            file = open_files.setdefault(path, _open(path, at_end=False))
            for line in _new_lines(file):
                _print(line, function=path.stem)
            if path.stat().st_size < file.tell():
                file.close()
                open_files[path] = _open(path, at_end=False)
        sys.stdout.flush()
        time.sleep(POLL_SECONDS)


def _open(path: Path, *, at_end: bool) -> BinaryIO:
    file = path.open("rb")
    if at_end:
        file.seek(0, 2)
    return file


def _new_lines(file: BinaryIO) -> Iterator[bytes]:
    """The complete lines that have been added."""
    while True:
        start = file.tell()
        line = file.readline()
        if not line.endswith(b"\n"):
            file.seek(start)
            return
        yield line


def _print(line: bytes, *, function: str) -> None:
    """Metrics (EMF) are left out."""
    entry = parse_line(line.rstrip(), request_id="")
    if "_aws" not in entry:
        print(format_entry(entry, function=function, colour=sys.stdout.isatty()))
