"""Reads and overwrites places of a file."""

import os
from collections.abc import Iterator
from typing import BinaryIO

from cgraph.media.processing.refusal import FileRefused

BLOCK = 1024 * 1024


def read_at(file: BinaryIO, position: int, count: int) -> bytes:
    file.seek(position)
    return file.read(count)


def zero(file: BinaryIO, start: int, count: int) -> None:
    file.seek(start)
    while count > 0:
        file.write(bytes(min(BLOCK, count)))
        count -= BLOCK


def boxes(file: BinaryIO, start: int, end: int) -> Iterator[tuple[bytes, int, int, int]]:
    """Kind, position, size of the header, size. What is too short for a box is overwritten. Raises
    FileRefused.
    """
    while start + 8 <= end:
        head = read_at(file, start, 16)
        size, kind, header = int.from_bytes(head[:4], "big"), head[4:8], 8
        if size == 1:
            size, header = int.from_bytes(head[8:16], "big"), 16
        elif size == 0:
            size = end - start
        if size < header or start + size > end:
            raise FileRefused("not_readable")
        yield kind, start, header, size
        start += size
    zero(file, start, end - start)


class Bytes:
    """The bytes of a file, read in windows: it may be larger than the memory."""

    WINDOW = 4096

    def __init__(self, file: BinaryIO, size: int) -> None:
        self.size = size
        self._descriptor = file.fileno()
        self._start, self._window = 0, b""

    def __getitem__(self, place: slice) -> bytes:
        start, end = place.start, min(place.stop, self.size)
        if end - start > self.WINDOW:
            return os.pread(self._descriptor, end - start, start)
        if not self._start <= start <= end <= self._start + len(self._window):
            self._start, self._window = start, os.pread(self._descriptor, self.WINDOW, start)
        return self._window[start - self._start : end - self._start]

    def write(self, start: int, content: bytes) -> None:
        os.pwrite(self._descriptor, content, start)
        self._window = b""

    def zero(self, start: int, end: int) -> None:
        for at in range(start, end, BLOCK):
            self.write(at, bytes(min(BLOCK, end - at)))
