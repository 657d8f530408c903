"""Takes the metadata out of recordings, without touching their sound and pictures.

Each format has a list of what players need. All else is left out or, where a position in the file
must not change, overwritten: a new kind of tag needs no new line here.
"""

import shutil
from collections.abc import Callable
from mmap import mmap
from pathlib import Path
from typing import BinaryIO

from cgraph.media.processing import tags
from cgraph.media.processing.audio_frames import copy_adts_frames, copy_mpeg_frames
from cgraph.media.processing.blanking import read_at, zero
from cgraph.media.processing.boxes import blank_boxes
from cgraph.media.processing.codec_headers import FLAC_KEPT, FLAC_LAST, FLAC_PADDING
from cgraph.media.processing.matroska import blank_elements
from cgraph.media.processing.ogg import copy_pages
from cgraph.media.processing.refusal import FileRefused

MOST_ITEMS = 100_000
"""Chunks or blocks that are looked at."""
WAV_CHUNKS = (b"fmt ", b"data", b"fact", b"ds64")


def without_metadata(file: Path, content_type: str, *, to: Path) -> None:
    """Raises FileRefused where the file does not hold together."""
    if copy := COPYING.get(content_type):
        copy(file, to)
        return
    shutil.copyfile(file, to)
    with to.open("r+b") as copied:
        BLANKING[content_type](copied, to.stat().st_size)


def _blank_chunks(file: BinaryIO, end: int) -> None:
    """Of a WAV file: all but the format and the samples become `JUNK`."""
    start, seen = 12, set[bytes]()
    for _ in range(MOST_ITEMS):
        if start + 8 > end:
            zero(file, start, end - start)
            return
        head = read_at(file, start, 8)
        size = min(int.from_bytes(head[4:8], "little"), end - start - 8)
        if head[:4] not in WAV_CHUNKS or head[:4] in seen:
            file.seek(start)
            file.write(b"JUNK" + size.to_bytes(4, "little"))
            zero(file, start + 8, size)
        seen.add(head[:4])
        if size % 2:
            zero(file, start + 8 + size, min(1, end - start - 8 - size))
        start += 8 + size + size % 2
    raise FileRefused("not_readable")


def _blank_blocks(file: BinaryIO, end: int) -> None:
    """Of a FLAC file: comments, pictures and all else become padding; tags behind the sound go."""
    with mmap(file.fileno(), end) as data:
        sound_end = tags.start_of_trailing_tags(data)
    start = 4
    for _ in range(MOST_ITEMS):
        head = read_at(file, start, 4)
        if len(head) < 4:
            raise FileRefused("not_readable")
        kind, size = head[0] & 0x7F, int.from_bytes(head[1:4], "big")
        if start + 4 + size > sound_end:
            raise FileRefused("not_readable")
        if kind not in FLAC_KEPT:
            file.seek(start)
            file.write(bytes((head[0] & FLAC_LAST | FLAC_PADDING,)))
            zero(file, start + 4, size)
        if head[0] & FLAC_LAST:
            file.truncate(sound_end)
            return
        start += 4 + size
    raise FileRefused("not_readable")


COPYING: dict[str, Callable[[Path, Path], None]] = {
    "audio/mpeg": copy_mpeg_frames,
    "audio/aac": copy_adts_frames,
    "audio/ogg": copy_pages,
}
BLANKING: dict[str, Callable[[BinaryIO, int], None]] = {
    "video/mp4": blank_boxes,
    "audio/mp4": blank_boxes,
    "video/quicktime": blank_boxes,
    "video/webm": blank_elements,
    "audio/webm": blank_elements,
    "audio/wav": _blank_chunks,
    "audio/flac": _blank_blocks,
}
