"""Logs of functions: a file of JSON lines for each function, and readable lines on the console."""

import sys
import time
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, TextIO

import orjson

ROTATE_BYTES = 10_000_000
COLOURS = {"ERROR": "31", "CRITICAL": "31", "WARNING": "33", "INFO": "36", "DEBUG": "2"}
NOT_EXTRA_FIELDS = frozenset(
    (
        *("timestamp", "level", "message", "function", "request_id", "requestId", "logger"),
        *("errorType", "errorMessage", "stackTrace", "exception", "exception_name"),
        *("location", "service", "cold_start", "function_name", "function_memory_size"),
        *("function_arn", "function_request_id", "xray_trace_id", "stack_trace"),
    )
)


class FunctionLogs:
    """With `console=None` only the files are written."""

    def __init__(self, folder: Path, *, console: TextIO | None = sys.stdout) -> None:
        self.folder = folder
        self._console = console
        self._colour = console is not None and console.isatty()
        self._files: dict[str, BinaryIO] = {}
        self._sizes: dict[str, int] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def write(self, function: str, line: bytes, *, request_id: str) -> None:
        """An empty line is dropped. Metrics (EMF) go to the file only."""
        if not line.strip():
            return
        entry = parse_line(line, request_id=request_id)
        written = self._file(function).write(orjson.dumps(entry) + b"\n")
        self._sizes[function] += written
        if self._sizes[function] > ROTATE_BYTES:
            self._rotate(function)
        if self._console is not None and "_aws" not in entry:
            print(format_entry(entry, function=function, colour=self._colour), file=self._console)

    def close(self) -> None:
        for file in self._files.values():
            file.close()
        self._files.clear()

    def _file(self, function: str) -> BinaryIO:
        if function not in self._files:
            path = self.folder / f"{function}.log"
            self._files[function] = path.open("ab", buffering=0)
            self._sizes[function] = self._files[function].tell()
        return self._files[function]

    def _rotate(self, function: str) -> None:
        self._files.pop(function).close()
        path = self.folder / f"{function}.log"
        path.replace(path.with_suffix(".log.1"))


def parse_line(line: bytes, *, request_id: str) -> dict[str, object]:
    """The log entry of a line: its JSON object, or for any other text an object with it as
    `message`.
    """
    if line.startswith(b"{"):
        try:
            entry = orjson.loads(line)
        except orjson.JSONDecodeError:
            pass  # not JSON: it is logged as text
        else:
            return {"timestamp": _now(), **entry, "requestId": request_id}
    text = line.decode(errors="replace")
    return {"timestamp": _now(), "level": "INFO", "message": text, "requestId": request_id}


def format_entry(entry: Mapping[str, object], *, function: str, colour: bool) -> str:
    """One line with time, function, level, message and extra fields; a traceback follows it."""
    level = str(entry.get("level", "INFO"))
    message = entry.get("message", entry.get("errorMessage", ""))
    if "errorType" in entry:
        message = f"{entry['errorType']}: {entry.get('errorMessage', message)}"
    extra = " ".join(f"{key}={entry[key]}" for key in entry.keys() - NOT_EXTRA_FIELDS)
    label = f"{level:<7}"
    if colour:
        label = f"\x1b[{COLOURS.get(level, '0')}m{label}\x1b[0m"
    head = f"{entry_time(entry):%H:%M:%S} {function:<22} {label} {message}"
    return "\n".join([f"{head}  {extra}".rstrip(), *_traceback(entry)])


def _traceback(entry: Mapping[str, object]) -> list[str]:
    frames = entry.get("stackTrace") or entry.get("exception") or ""
    text = "".join(map(str, frames)) if isinstance(frames, list) else str(frames)
    return [f"    {line}" for line in text.splitlines()]


def entry_time(entry: Mapping[str, object]) -> datetime:
    """In the local time zone; 1970 when the entry has no readable timestamp."""
    try:
        return datetime.fromisoformat(str(entry.get("timestamp", ""))).astimezone()
    except ValueError:
        return datetime.fromtimestamp(0).astimezone()


def _now() -> str:
    second, milliseconds = divmod(time.time_ns() // 1_000_000, 1000)
    return f"{_second(second)}.{milliseconds:03d}Z"


@lru_cache(maxsize=1)
def _second(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
