"""Files that are read while they are sent, with a report of how far that is."""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

Progress = Callable[[int, int], None]
"""Called with the bytes that are done, and how many there are."""

BLOCK_BYTES = 1024 * 1024


class FileReader(io.RawIOBase):
    """`size` bytes of a file from `offset` on. `on_read` is called with each number of bytes."""

    def __init__(
        self, file: BinaryIO, *, offset: int, size: int, on_read: Callable[[int], None]
    ) -> None:
        self._file = file
        self._offset = offset
        self._size = size
        self._place = 0
        self._on_read = on_read

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        left = self._size - self._place
        self._file.seek(self._offset + self._place)
        content = self._file.read(left if size < 0 else min(size, left))
        self._place += len(content)
        self._on_read(len(content))
        return content

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        self._place = max(0, base + offset)
        return self._place

    def tell(self) -> int:
        return self._place


def sha256_base64(path: Path) -> str:
    """As uploads name it."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").digest()
    return base64.b64encode(digest).decode()
