"""Reads the zip file of an export. Nothing is unpacked to disk."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any

from cgraph_local.imports.errors import CannotImport, InvalidItem

MAX_FILE_BYTES = 64 << 20
"""Of an unpacked file. A day of a channel is much smaller."""

MAX_FILES = 2_000_000


class Archive:
    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file
        self._entries = {entry.filename: entry for entry in file.infolist() if not entry.is_dir()}

    @property
    def names(self) -> list[str]:
        """Sorted, so that the days of a channel follow each other."""
        return sorted(self._entries)

    def size(self, name: str) -> int:
        """The compressed size in bytes."""
        return self._entries[name].compress_size

    def items(self, name: str) -> list[Any]:
        """The list in a file; an empty one when the file does not exist. Raises InvalidItem."""
        if name not in self._entries:
            return []
        try:
            items = json.loads(self._read(name))
        except (ValueError, RecursionError) as error:
            raise InvalidItem("not JSON", error) from None
        if not isinstance(items, list):
            raise InvalidItem("not a list")
        return items

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """Raises InvalidItem, also while it is read."""
        try:
            with self._file.open(self._entries[name]) as file:
                yield file
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError) as error:
            raise InvalidItem("a file that cannot be unpacked", error) from None

    def _read(self, name: str) -> bytes:
        """Reads at most MAX_FILE_BYTES, whatever size the archive states. Raises InvalidItem."""
        try:
            with self._file.open(self._entries[name]) as file:
                content = file.read(MAX_FILE_BYTES + 1)
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError) as error:
            raise InvalidItem("cannot be unpacked", error) from None
        if len(content) > MAX_FILE_BYTES:
            raise InvalidItem("too large", f"more than {MAX_FILE_BYTES:,} bytes")
        return content


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """Raises CannotImport, OSError."""
    try:
        with zipfile.ZipFile(path) as file:
            if len(file.infolist()) > MAX_FILES:
                raise CannotImport(f"{path} contains more than {MAX_FILES:,} files")
            archive = Archive(file)
            _check_names(path, archive.names)
            yield archive
    except zipfile.BadZipFile as error:
        raise CannotImport(f"{path} is not a zip file: {error}") from error


def _check_names(path: Path, names: list[str]) -> None:
    """Raises CannotImport. Slack does not make paths that point out of the archive."""
    for name in names:
        if name.startswith(("/", "\\")) or ".." in PurePosixPath(name).parts or "\0" in name:
            raise CannotImport(f"{path} contains a path that points out of it: {name!r}")
    if "users.json" not in names:
        raise CannotImport(f"{path} has no users.json: not a Slack export")
