"""Takes the metadata out of recordings, without touching their sound and pictures.

What holds it is overwritten in its place by something of the same size that players skip: so no
position in the file changes.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from cgraph.media.processing.ogg import blank_comments
from cgraph.media.processing.refusal import FileRefused

MOST_ITEMS = 100_000
"""Boxes, chunks or elements that are looked at."""
BLOCK = 1024 * 1024

CONTAINER_BOXES = frozenset((b"moov", b"trak", b"mdia", b"minf", b"stbl", b"moof", b"traf"))
METADATA_BOXES = frozenset((b"udta", b"meta", b"uuid", b"ilst"))
"""The position where a phone took a video is in `udta` or `meta`."""

SEGMENT, INFO, TAGS, ATTACHMENTS = 0x18538067, 0x1549A966, 0x1254C367, 0x1941A469
TITLE, DATE, FILENAME = 0x7BA9, 0x4461, 0x7384
OPENED_ELEMENTS = frozenset((SEGMENT, INFO))
METADATA_ELEMENTS = frozenset((TAGS, ATTACHMENTS, TITLE, DATE, FILENAME))
VOID = 0xEC


def without_metadata(file: Path, content_type: str, *, to: Path) -> None:
    """Raises FileRefused where the file does not hold together."""
    if content_type == "audio/mpeg":
        _copy_frames(file, to)
        return
    shutil.copyfile(file, to)
    blank = BLANKING.get(content_type)
    if blank is not None:
        with to.open("r+b") as copied:
            blank(copied, to.stat().st_size)


def _copy_frames(file: Path, to: Path) -> None:
    """Without ID3v2 before and ID3v1 behind the frames."""
    with file.open("rb") as source, to.open("wb") as target:
        start, end = 0, file.stat().st_size
        while (head := _read_at(source, start, 10))[:3] == b"ID3" and len(head) == 10:
            size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
            start += 10 + size + (10 if head[5] & 0x10 else 0)
        if _read_at(source, max(0, end - 128), 3) == b"TAG":
            end -= 128
        if start >= end:
            raise FileRefused("not_readable")
        source.seek(start)
        while start < end and (block := source.read(min(BLOCK, end - start))):
            target.write(block)
            start += len(block)


def _read_at(file: BinaryIO, position: int, count: int) -> bytes:
    file.seek(position)
    return file.read(count)


def _blank_boxes(file: BinaryIO, end: int) -> None:
    """A metadata box becomes `free`, with zeros in it."""
    budget = MOST_ITEMS
    ranges = [(0, end)]
    while ranges:
        start, stop = ranges.pop()
        for kind, at, header, size in _boxes(file, start, stop):
            budget -= 1
            if budget < 0:
                raise FileRefused("not_readable")
            if kind in CONTAINER_BOXES:
                ranges.append((at + header, at + size))
            elif kind in METADATA_BOXES:
                file.seek(at + 4)
                file.write(b"free")
                _zero(file, at + header, size - header)


def _boxes(file: BinaryIO, start: int, end: int) -> Iterator[tuple[bytes, int, int, int]]:
    """Kind, position, size of the header, size."""
    while start + 8 <= end:
        head = _read_at(file, start, 16)
        size, kind, header = int.from_bytes(head[:4], "big"), head[4:8], 8
        if size == 1:
            size, header = int.from_bytes(head[8:16], "big"), 16
        elif size == 0:
            size = end - start
        if size < header or start + size > end:
            raise FileRefused("not_readable")
        yield kind, start, header, size
        start += size


def _blank_chunks(file: BinaryIO, end: int) -> None:
    """Of a WAV file: all but the format and the samples become `JUNK`."""
    start = 12
    for _ in range(MOST_ITEMS):
        if start + 8 > end:
            return
        head = _read_at(file, start, 8)
        size = min(int.from_bytes(head[4:8], "little"), end - start - 8)
        if head[:4] not in (b"fmt ", b"data", b"fact", b"ds64"):
            file.seek(start)
            file.write(b"JUNK")
            _zero(file, start + 8, size)
        start += 8 + size + size % 2
    raise FileRefused("not_readable")


def _blank_blocks(file: BinaryIO, end: int) -> None:
    """Of a FLAC file: comments, pictures and application data become padding."""
    start = 4
    for _ in range(MOST_ITEMS):
        head = _read_at(file, start, 4)
        if len(head) < 4:
            raise FileRefused("not_readable")
        kind, size = head[0] & 0x7F, int.from_bytes(head[1:4], "big")
        if start + 4 + size > end:
            raise FileRefused("not_readable")
        if kind in (2, 4, 6):
            file.seek(start)
            file.write(bytes((head[0] & 0x80 | 1,)))
            _zero(file, start + 4, size)
        if head[0] & 0x80:
            return
        start += 4 + size


def _blank_elements(file: BinaryIO, end: int) -> None:
    """Of a Matroska file: tags and attachments become void."""
    start, budget = 0, MOST_ITEMS
    while start < end:
        budget -= 1
        id, id_size = _number_at(file, start, marker=True)
        size, size_size = _number_at(file, start + id_size, marker=False)
        inside = start + id_size + size_size
        unknown = size == (1 << 7 * size_size) - 1
        if budget < 0 or (not unknown and inside + size > end):
            raise FileRefused("not_readable")
        if id in OPENED_ELEMENTS:
            start = inside
        elif unknown:
            return  # a live recording: clusters follow, which hold no tags
        else:
            if id in METADATA_ELEMENTS:
                _void(file, start, inside + size)
            start = inside + size


def _void(file: BinaryIO, start: int, end: int) -> None:
    """One element from `start` to `end`: an id of one byte, the size, zeros."""
    size = end - start
    file.seek(start)
    if size < 9:
        file.write(bytes((VOID, 0x80 | size - 2)) + bytes(size - 2))
        return
    file.write(bytes((VOID, 0x01)) + (size - 9).to_bytes(7, "big"))
    _zero(file, start + 9, size - 9)


def _number_at(file: BinaryIO, position: int, *, marker: bool) -> tuple[int, int]:
    """A number of variable length (RFC 8794) and its length; an id keeps its marker."""
    first = _read_at(file, position, 1)
    length = 9 - first[0].bit_length() if first else 9
    if length > 8:
        raise FileRefused("not_readable")
    number = int.from_bytes(_read_at(file, position, length), "big")
    return (number if marker else number & ((1 << 7 * length) - 1)), length


def _zero(file: BinaryIO, start: int, count: int) -> None:
    file.seek(start)
    while count > 0:
        file.write(bytes(min(BLOCK, count)))
        count -= BLOCK


BLANKING: dict[str, Callable[[BinaryIO, int], None]] = {
    "video/mp4": _blank_boxes,
    "audio/mp4": _blank_boxes,
    "video/quicktime": _blank_boxes,
    "video/webm": _blank_elements,
    "audio/webm": _blank_elements,
    "audio/ogg": blank_comments,
    "audio/wav": _blank_chunks,
    "audio/flac": _blank_blocks,
}
