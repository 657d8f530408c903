"""Takes the metadata out of MP4 and QuickTime files (ISO 14496-12).

Only boxes that players need stay as they are. Every other one becomes `free`, with zeros in it, so
no position in the file changes. Of the tracks, those of pictures and of sound stay: cameras and
drones write where they were, many times a second, into tracks of metadata and of subtitles.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from cgraph.media.processing import samples
from cgraph.media.processing.blanking import boxes, read_at, zero
from cgraph.media.processing.refusal import FileRefused

MOST_BOXES = 1_000_000
"""That are looked at: a recording in fragments has some hundred thousand in 12 hours."""
KEPT_HANDLERS = (b"vide", b"soun")
"""Kinds of tracks."""

Tree = Mapping[bytes, "Tree | None"]
TRACK: Tree = {
    b"tkhd": None,
    b"edts": {b"elst": None},
    b"tapt": None,
    b"mdia": {
        b"mdhd": None,
        b"hdlr": None,
        b"elng": None,
        b"minf": {
            **dict.fromkeys((b"vmhd", b"smhd", b"hdlr")),
            b"dinf": {b"dref": None},
            b"stbl": dict.fromkeys(
                (
                    *(b"stsd", b"stts", b"ctts", b"cslg", b"stsc", b"stsz", b"stz2", b"stco"),
                    *(b"co64", b"stss", b"stsh", b"sdtp", b"stdp", b"padb", b"stps", b"subs"),
                    *(b"sbgp", b"sgpd", b"saiz", b"saio"),
                )
            ),
        },
    },
}
FRAGMENT_TRACK: Tree = dict.fromkeys(
    (b"tfhd", b"tfdt", b"trun", b"sdtp", b"subs", b"sbgp", b"sgpd", b"saiz", b"saio")
)
KEPT: Tree = {
    **dict.fromkeys((b"ftyp", b"styp", b"sidx", b"ssix", b"mdat")),
    b"moov": {
        b"mvhd": None,
        b"iods": None,
        b"trak": TRACK,
        b"mvex": dict.fromkeys((b"mehd", b"trex")),
    },
    b"moof": {b"mfhd": None, b"traf": FRAGMENT_TRACK},
    b"mfra": dict.fromkeys((b"tfra", b"mfro")),
}
"""Boxes and what of theirs is kept; None: all of it."""

COMPRESSOR_AT, COMPRESSOR_BYTES = 50, 32
"""The name of the encoder, in the description of the frames of a video."""
SELF_CONTAINED = 1


def blank_boxes(file: BinaryIO, end: int) -> None:
    """Raises FileRefused where the boxes do not hold together."""
    chunks = samples.chunk_starts(file, end)
    found = Tracks()
    _blank_within(file, 0, end, KEPT, found=found)
    if not found.kept:
        raise FileRefused("not_readable")
    samples.blank_the_rest(file, end, chunks=chunks, some_dropped=found.dropped > 0)


def _blank_within(file: BinaryIO, start: int, end: int, kept: Tree, *, found: "Tracks") -> None:
    for kind, at, header, size in boxes(file, start, end):
        found.count_box()
        inside, stop = at + header, at + size
        if kind not in kept or (kind == b"trak" and not found.keeps(file, inside, stop)):
            _free(file, at, inside, stop)
        elif (below := kept[kind]) is not None:
            _blank_within(file, inside, stop, below, found=found)
        elif kind in CLEANED:
            CLEANED[kind](file, inside, stop)


@dataclass(slots=True)
class Tracks:
    """How many were kept and dropped, and how many boxes may still be looked at."""

    kept: int = 0
    dropped: int = 0
    boxes_left: int = MOST_BOXES

    def count_box(self) -> None:
        self.boxes_left -= 1
        if self.boxes_left < 0:
            raise FileRefused("not_readable")

    def keeps(self, file: BinaryIO, start: int, end: int) -> bool:
        """Whether this track is one of pictures or sound."""
        handler = _content(file, start, end, (b"mdia", b"hdlr"))
        kind = read_at(file, handler[0] + 8, 4) if handler else b""
        if kind == b"vide":
            _blank_compressors(file, start, end)
        kept = kind in KEPT_HANDLERS
        self.kept += kept
        self.dropped += not kept
        return kept


def _free(file: BinaryIO, at: int, inside: int, stop: int) -> None:
    file.seek(at + 4)
    file.write(b"free")
    zero(file, inside, stop - inside)


def _content(file: BinaryIO, start: int, end: int, path: Sequence[bytes]) -> tuple[int, int] | None:
    """From where to where the first box of this path reaches, without its header."""
    for kind, at, header, size in boxes(file, start, end):
        if kind == path[0]:
            inside, stop = at + header, at + size
            return _content(file, inside, stop, path[1:]) if path[1:] else (inside, stop)
    return None


def _blank_compressors(file: BinaryIO, start: int, end: int) -> None:
    """The name of the encoder in each description of frames."""
    descriptions = _content(file, start, end, (b"mdia", b"minf", b"stbl", b"stsd"))
    if descriptions is None:
        return
    for _, at, _, size in boxes(file, descriptions[0] + 8, descriptions[1]):
        if size >= COMPRESSOR_AT + COMPRESSOR_BYTES:
            zero(file, at + COMPRESSOR_AT, COMPRESSOR_BYTES)


def _without_times(file: BinaryIO, start: int, _: int) -> None:
    """When it was made and changed: 32 bits each, or 64."""
    zero(file, start + 4, 16 if read_at(file, start, 1) == b"\1" else 8)


def _without_name(file: BinaryIO, start: int, end: int) -> None:
    """Of a handler."""
    zero(file, start + 24, end - start - 24)


def _without_addresses(file: BinaryIO, start: int, end: int) -> None:
    """Of the files that hold the samples: this one does, whatever its name was elsewhere."""
    for _, at, header, size in boxes(file, start + 8, end):
        if not read_at(file, at + header, 4)[3] & SELF_CONTAINED:
            raise FileRefused("not_readable")
        zero(file, at + header + 4, size - header - 4)


CLEANED: Mapping[bytes, Callable[[BinaryIO, int, int], None]] = {
    b"mvhd": _without_times,
    b"tkhd": _without_times,
    b"mdhd": _without_times,
    b"hdlr": _without_name,
    b"dref": _without_addresses,
}
"""Kept boxes that hold metadata too."""
