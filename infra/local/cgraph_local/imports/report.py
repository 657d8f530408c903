"""The report of an import: each item that was left out or changed, and their counts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


class Report:
    """Writes a JSON object per line: `file`, `where` (a line or an id), `reason`, `detail`. Counts
    the reasons for the summary that the command prints.
    """

    def __init__(self, path: Path, file: TextIO) -> None:
        self.path = path
        self.left_out: Counter[tuple[str, str]] = Counter()
        self.changed: Counter[tuple[str, str]] = Counter()
        self._file = file

    def leave_out(self, file: str, where: object, reason: str, detail: object = None) -> None:
        self.left_out[file, reason] += 1
        self._write(file, where, f"left out: {reason}", detail)

    def change(self, file: str, where: object, reason: str, detail: object = None) -> None:
        """The item was imported in a changed form."""
        self.changed[file, reason] += 1
        self._write(file, where, reason, detail)

    def lines(self) -> Iterator[str]:
        """The summary."""
        for outcome, counts in (("left out", self.left_out), ("changed", self.changed)):
            for (file, reason), number in sorted(counts.items()):
                yield f"{outcome}: {file}: {reason}: {number:,}"
        if self.left_out or self.changed:
            yield f"full report: {self.path}"

    def _write(self, file: str, where: object, reason: str, detail: object) -> None:
        line = {"file": file, "where": where, "reason": reason}
        if detail is not None:
            line["detail"] = str(detail)[:200]
        self._file.write(json.dumps(line, ensure_ascii=False) + "\n")


@contextmanager
def new_report(path: Path) -> Iterator[Report]:
    """Replaces the report of the previous import."""
    with path.open("w", encoding="utf-8") as file:
        yield Report(path, file)
