"""What an import left out or changed, item by item, and how often."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


class BadRow(Exception):
    """An item that cannot be taken; `reason` is one of a few, `detail` is this one's own."""

    def __init__(self, reason: str, detail: object = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


class Report:
    """One JSON object a line: `file`, `where` (a line or an id), `reason`, `detail`; and what was
    counted, of which the command prints a summary.
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
        """The item was imported, but not quite as it was."""
        self.changed[file, reason] += 1
        self._write(file, where, reason, detail)

    def lines(self) -> Iterator[str]:
        for what, counts in (("left out", self.left_out), ("changed", self.changed)):
            for (file, reason), number in sorted(counts.items()):
                yield f"{what}: {file}: {reason}: {number:,}"
        if self.left_out or self.changed:
            yield f"each of them: {self.path}"

    def _write(self, file: str, where: object, reason: str, detail: object) -> None:
        line = {"file": file, "where": where, "reason": reason}
        if detail is not None:
            line["detail"] = str(detail)[:200]
        self._file.write(json.dumps(line, ensure_ascii=False) + "\n")


@contextmanager
def new_report(path: Path) -> Iterator[Report]:
    """In place of the one before."""
    with path.open("w", encoding="utf-8") as file:
        yield Report(path, file)
