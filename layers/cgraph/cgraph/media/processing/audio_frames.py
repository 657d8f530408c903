"""Copies the frames of MPEG audio (MP3) and of AAC in ADTS, and nothing else of the file.

Tags of any kind stand before, between or behind them.
"""

from collections.abc import Callable
from functools import cache
from mmap import ACCESS_READ, mmap
from pathlib import Path

from cgraph.media.processing import tags
from cgraph.media.processing.refusal import FileRefused

BLOCK = 1024 * 1024
FRAMES_OF_A_START = 3
"""As many in a row begin the sound, or go on behind something else."""

MPEG_1, MPEG_2, MPEG_2_5 = 3, 2, 0
KBITS = {
    (True, 1): (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 3): (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 1): (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 3): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""By "is MPEG 1" and layer. 0 is a rate of the encoder's own, which tells no length."""
SAMPLE_RATES = {
    MPEG_1: (44100, 48000, 32000),
    MPEG_2: (22050, 24000, 16000),
    MPEG_2_5: (11025, 12000, 8000),
}
ADTS_RATES = 13

Frame = tuple[int, int]
"""What is equal in all frames of a sound, and the length in bytes."""


def copy_mpeg_frames(file: Path, to: Path) -> None:
    """Raises FileRefused if there are none."""
    _copy(file, to, _mpeg_frame)


def copy_adts_frames(file: Path, to: Path) -> None:
    """Raises FileRefused if there are none."""
    _copy(file, to, _adts_frame)


def _copy(file: Path, to: Path, frame: Callable[[mmap, int], Frame | None]) -> None:
    with (
        file.open("rb") as source,
        mmap(source.fileno(), 0, access=ACCESS_READ) as data,
        to.open("wb") as target,
    ):
        end = tags.start_of_trailing_tags(data)
        at = _next_start(data, tags.end_of_leading_tags(data), end, frame)
        while at < end:
            stop = _end_of_run(data, at, end, frame)
            for start in range(at, stop, BLOCK):
                target.write(data[start : min(start + BLOCK, stop)])
            at = _next_start(data, stop, end, frame)
        if target.tell() == 0:
            raise FileRefused("not_readable")


def _next_start(
    data: mmap, start: int, end: int, frame: Callable[[mmap, int], Frame | None]
) -> int:
    """Where several frames in a row begin; `end` if nowhere."""
    at = start
    while (at := data.find(b"\xff", at, end)) >= 0:
        if _end_of_run(data, at, end, frame, most=FRAMES_OF_A_START) > at:
            return at
        at += 1
    return end


def _end_of_run(
    data: mmap,
    start: int,
    end: int,
    frame: Callable[[mmap, int], Frame | None],
    *,
    most: int | None = None,
) -> int:
    """The end of the frames that follow each other. With `most`, `start` unless as many do, or
    fewer up to the end or a tag. What neither a frame, a tag nor the end follows is no frame.
    """
    at, count, kind = start, 0, None
    while found := frame(data, at):
        following = at + found[1]
        if following > end or (kind is not None and found[0] != kind):
            break
        kind, count = found[0], count + 1
        if following == end or tags.is_tag_at(data, following):
            return following
        if frame(data, following) is None:
            break
        at = following
        if count == most:
            return at
    return start if most is not None else at


def _mpeg_frame(data: mmap, at: int) -> Frame | None:
    return _mpeg_header(data[at : at + 3])


@cache
def _mpeg_header(head: bytes) -> Frame | None:
    if len(head) < 3 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    version, layer, rate = head[1] >> 3 & 3, 4 - (head[1] >> 1 & 3), head[2] >> 2 & 3
    kbits = head[2] >> 4
    if version == 1 or layer == 4 or rate == 3 or kbits in (0, 15):
        return None
    hertz = SAMPLE_RATES[version][rate]
    bits = KBITS[version == MPEG_1, layer][kbits] * 1000
    padding = head[2] >> 1 & 1
    if layer == 1:
        length = (12 * bits // hertz + padding) * 4
    else:
        length = (72 if layer == 3 and version != MPEG_1 else 144) * bits // hertz + padding
    return version << 8 | layer << 4 | rate, length


def _adts_frame(data: mmap, at: int) -> Frame | None:
    head = data[at : at + 7]
    if len(head) < 7 or head[0] != 0xFF or head[1] & 0xF6 != 0xF0:
        return None
    length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    if head[2] >> 2 & 15 >= ADTS_RATES or length < (7 if head[1] & 1 else 9):
        return None
    return head[1] << 8 | head[2] & 0xFC, length
