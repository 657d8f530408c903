"""Where the samples of an MP4 file are: all else in its `mdat` boxes is overwritten.

So the positions that a track without sound and pictures held go with the track, and nothing hides
between the samples.
"""

import sys
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from cgraph.media.processing.blanking import boxes, read_at, zero
from cgraph.media.processing.refusal import FileRefused

MOST_SAMPLES = 20_000_000
OPENED = frozenset((b"moov", b"trak", b"mdia", b"minf", b"stbl"))
Place = tuple[int, int]
"""From, up to."""


@dataclass(slots=True)
class Table:
    """Of a track, by the names of the boxes. `size`: of all samples, where it is one."""

    offsets: "array[int]" = field(default_factory=lambda: array("Q"))
    runs: "array[int]" = field(default_factory=lambda: array("I"))
    sizes: "array[int]" = field(default_factory=lambda: array("I"))
    size: int = 0


def chunk_starts(file: BinaryIO, end: int) -> "array[int]":
    """Where the chunks of all tracks begin, in order."""
    return array("Q", sorted(at for table in _tables(file, 0, end) for at in table.offsets))


def blank_the_rest(file: BinaryIO, end: int, *, chunks: "array[int]", some_dropped: bool) -> None:
    """`chunks`: of all tracks, also of those that are gone. Raises FileRefused: of a file in
    fragments it is not known which samples are of which track.
    """
    top = list(boxes(file, 0, end))
    if any(kind == b"moof" for kind, *_ in top):
        if some_dropped:
            raise FileRefused("type_not_supported")
        return
    used = sorted(place for table in _tables(file, 0, end) for place in _places(table, chunks))
    for kind, at, header, size in top:
        if kind == b"mdat":
            _blank_between(file, at + header, at + size, used)


def _blank_between(file: BinaryIO, start: int, end: int, used: list[Place]) -> None:
    for begin, stop in used:
        if stop <= start:
            continue
        if begin >= end:
            break
        zero(file, start, min(begin, end) - start)
        start = max(start, stop)
    zero(file, start, end - start)


def _tables(file: BinaryIO, start: int, end: int) -> Iterator[Table]:
    """Of all tracks."""
    for kind, at, header, size in boxes(file, start, end):
        if kind == b"trak":
            table = Table()
            _read_table(file, at + header, at + size, table)
            yield table
        elif kind == b"moov":
            yield from _tables(file, at + header, at + size)


def _read_table(file: BinaryIO, start: int, end: int, table: Table) -> None:
    for kind, at, header, size in boxes(file, start, end):
        inside, stop = at + header, at + size
        if kind in OPENED:
            _read_table(file, inside, stop, table)
        elif kind in (b"stco", b"co64"):
            table.offsets = _numbers(file, inside + 4, stop, 4 if kind == b"stco" else 8)
        elif kind == b"stsc":
            table.runs = _numbers(file, inside + 4, stop, 4, each=3)
        elif kind == b"stsz":
            table.size = int.from_bytes(read_at(file, inside + 4, 4), "big")
            if not table.size:
                table.sizes = _numbers(file, inside + 8, stop, 4)
        elif kind == b"stz2":
            table.sizes = _small_numbers(file, inside, stop)


def _numbers(file: BinaryIO, at: int, end: int, width: int, *, each: int = 1) -> "array[int]":
    """A count of 32 bits, and so many numbers, or `each` as many. Raises FileRefused."""
    count = int.from_bytes(read_at(file, at, 4), "big") * each
    if count > MOST_SAMPLES or at + 4 + count * width > end:
        raise FileRefused("not_readable")
    numbers = array("I" if width == 4 else "Q", read_at(file, at + 4, count * width))
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers


def _small_numbers(file: BinaryIO, inside: int, end: int) -> "array[int]":
    """Of 4, 8 or 16 bits."""
    bits = read_at(file, inside + 7, 1)[0]
    count = int.from_bytes(read_at(file, inside + 8, 4), "big")
    length = (count * bits + 7) // 8
    if bits not in (4, 8, 16) or count > MOST_SAMPLES or inside + 12 + length > end:
        raise FileRefused("not_readable")
    packed = read_at(file, inside + 12, length)
    if bits == 4:
        return array("I", (half for byte in packed for half in (byte >> 4, byte & 15)))[:count]
    if bits == 8:
        return array("I", packed)
    pairs = zip(packed[::2], packed[1::2], strict=True)
    return array("I", (high << 8 | low for high, low in pairs))


def _places(table: Table, chunks: "array[int]") -> Iterator[Place]:
    """Where each chunk is. In QuickTime, samples of sound that say that they have one byte have as
    many as a frame has: then a chunk ends where the next one of any track begins.
    """
    sample = 0
    for offset, count in zip(table.offsets, _samples_of_chunks(table), strict=False):
        if table.size == 1:
            following = bisect_right(chunks, offset)
            yield offset, chunks[following] if following < len(chunks) else sys.maxsize
        elif table.size:
            yield offset, offset + count * table.size
        else:
            yield offset, offset + sum(table.sizes[sample : sample + count])
        sample += count


def _samples_of_chunks(table: Table) -> Iterator[int]:
    firsts = [*table.runs[::3], len(table.offsets) + 1]
    for number, count in enumerate(table.runs[1::3]):
        for _ in range(max(0, min(firsts[number + 1], len(table.offsets) + 1) - firsts[number])):
            yield count
