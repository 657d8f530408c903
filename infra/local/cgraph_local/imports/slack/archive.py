"""An export's zip file, read where it lies: nothing of it is unpacked to disk."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from cgraph_local.imports.forum import CannotImport
from cgraph_local.imports.report import BadRow

FILE_BYTES = 64 << 20
"""Unpacked; a day of one channel is far smaller."""

FILES_AT_MOST = 2_000_000


class Archive:
    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file
        self._entries = {entry.filename: entry for entry in file.infolist() if not entry.is_dir()}

    @property
    def names(self) -> list[str]:
        """In order, so that the days of a channel follow each other."""
        return sorted(self._entries)

    def size(self, name: str) -> int:
        """Packed, in bytes."""
        return self._entries[name].compress_size

    def items(self, name: str) -> list[Any]:
        """Of a file that holds one list; none where there is no such file. Raises BadRow."""
        if name not in self._entries:
            return []
        try:
            found = json.loads(self._read(name))
        except (ValueError, RecursionError) as error:
            raise BadRow("not JSON", error) from None
        if not isinstance(found, list):
            raise BadRow("no list")
        return found

    def _read(self, name: str) -> bytes:
        """No more than FILE_BYTES, whatever the archive says of its size. Raises BadRow."""
        try:
            with self._file.open(self._entries[name]) as file:
                content = file.read(FILE_BYTES + 1)
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError) as error:
            raise BadRow("cannot be unpacked", error) from None
        if len(content) > FILE_BYTES:
            raise BadRow("too large", f"more than {FILE_BYTES:,} bytes")
        return content


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """Raises CannotImport, OSError."""
    try:
        with zipfile.ZipFile(path) as file:
            if len(file.infolist()) > FILES_AT_MOST:
                raise CannotImport(f"{path} holds more than {FILES_AT_MOST:,} files")
            archive = Archive(file)
            _require_plain(path, archive.names)
            yield archive
    except zipfile.BadZipFile as error:
        raise CannotImport(f"{path} is no zip file: {error}") from error


def _require_plain(path: Path, names: list[str]) -> None:
    """Raises CannotImport: what points out of the archive was not made by Slack."""
    for name in names:
        if name.startswith(("/", "\\")) or ".." in PurePosixPath(name).parts or "\0" in name:
            raise CannotImport(f"{path} names a file outside of itself: {name!r}")
    if "users.json" not in names:
        raise CannotImport(f"{path} has no users.json: not a Slack export")
