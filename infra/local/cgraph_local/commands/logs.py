"""`cgraph logs [FUNCTION] [--follow]`"""

import argparse
import sys
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from cgraph_local.core.function_logs import read_line, readable, written_at
from cgraph_local.core.home import Home

LOOK_SECONDS = 0.2


def main(arguments: argparse.Namespace) -> int:
    folder = Home.from_environment().logs
    files = _files(folder, function=arguments.function)
    if not files and not arguments.follow:
        whose = f"{arguments.function} has" if arguments.function else "The functions have"
        print(f"{whose} written nothing yet (looked in {folder})", file=sys.stderr)
        return 1
    lines = [(path.stem, line) for path in files for line in _last(path, count=arguments.lines)]
    for function, line in sorted(
        lines, key=lambda one: written_at(read_line(one[1], request_id=""))
    ):
        _print(line, function=function)
    if arguments.follow:
        _follow(folder, function=arguments.function)
    return 0


def _files(folder: Path, *, function: str | None) -> list[Path]:
    """The services' logs lie there too; those of functions are named in capitals."""
    if function is not None:
        return [path for path in (folder / f"{function}.log",) if path.exists()]
    return sorted(path for path in folder.glob("*.log") if path.name[0].isupper())


def _last(path: Path, *, count: int) -> list[bytes]:
    with path.open("rb") as file:
        return list(deque(file, maxlen=count))


def _follow(folder: Path, *, function: str | None) -> None:
    """Until Ctrl-C. A file that was rotated away is followed by the new one of its name."""
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
        time.sleep(LOOK_SECONDS)


def _open(path: Path, *, at_end: bool) -> BinaryIO:
    file = path.open("rb")
    if at_end:
        file.seek(0, 2)
    return file


def _new_lines(file: BinaryIO) -> Iterator[bytes]:
    while True:
        start = file.tell()
        line = file.readline()
        if not line.endswith(b"\n"):
            file.seek(start)
            return
        yield line


def _print(line: bytes, *, function: str) -> None:
    """Metrics are for machines."""
    entry = read_line(line.rstrip(), request_id="")
    if "_aws" not in entry:
        print(readable(entry, function=function, colour=sys.stdout.isatty()))
