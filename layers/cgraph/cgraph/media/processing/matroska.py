"""Takes the metadata out of Matroska and WebM files (RFC 9559).

Only elements that players need stay. Every other one becomes `Void`, with zeros in it, so no
position in the file changes. Of the tracks, those of pictures and of sound stay, with their blocks.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from cgraph.media.processing import codec_headers
from cgraph.media.processing.blanking import Bytes
from cgraph.media.processing.refusal import FileRefused

MOST_ELEMENTS = 4_000_000
VOID = 0xEC
VOID_BYTE = bytes((VOID,))
SEGMENT, INFO, TRACKS, TRACK, CLUSTER = 0x18538067, 0x1549A966, 0x1654AE6B, 0xAE, 0x1F43B675
BLOCK_GROUP, BLOCK, SIMPLE_BLOCK, ENCRYPTED_BLOCK = 0xA0, 0xA1, 0xA3, 0xAF
NUMBER, KIND, CODEC, PRIVATE = 0xD7, 0x83, 0x86, 0x63A2
KEPT_KINDS = (1, 2)
"""Of tracks: video, audio."""

OPENED = frozenset((SEGMENT, INFO, TRACKS, TRACK, CLUSTER, BLOCK_GROUP))
EMPTIED = frozenset((0x4D80, 0x5741))
"""The names of the programs: they must be there."""
KEPT = frozenset(
    (
        *(0x1A45DFA3, 0x114D9B74, 0x1C53BB6B),  # the head, where elements are, where times are
        *(0x2AD7B1, 0x4489),  # of the file: its unit of time, its duration
        *(NUMBER, 0x73C5, KIND, 0xB9, 0x88, 0x55AA, 0x9C, 0x6DE7, 0x6DF8),  # of a track
        *(0x23E383, 0x234E7A, 0x23314F, 0x55EE, 0x41E4, 0x22B59C, 0x22B59D, CODEC, PRIVATE),
        *(0x56AA, 0x56BB, 0xE0, 0xE1, 0x6D80, 0x6FAB),
        *(0xE7, 0xA7, 0xAB, SIMPLE_BLOCK, BLOCK, ENCRYPTED_BLOCK),  # of a cluster
        *(0x75A1, 0x9B, 0xFA, 0xFB, 0xA4, 0x75A2),  # of a group of blocks
    )
)


@dataclass(frozen=True, slots=True)
class Element:
    """`end` is None where the size is not known: of a live recording."""

    id: int
    start: int
    inside: int
    end: int | None


@dataclass(slots=True)
class Tracks:
    kept: set[int] = field(default_factory=set)
    dropped: set[int] = field(default_factory=set)


def blank_elements(file: BinaryIO, end: int) -> None:
    """Raises FileRefused where the elements do not hold together."""
    tracks = Tracks()
    data = Bytes(file, end)
    for element in _elements(data, 0, end):
        _blank(data, element, tracks)
    if not tracks.kept:
        raise FileRefused("not_readable")


def _blank(data: Bytes, element: Element, tracks: Tracks) -> None:
    if element.end is None:
        if element.id not in (SEGMENT, CLUSTER):
            raise FileRefused("not_readable")
    elif element.id in EMPTIED:
        data.zero(element.inside, element.end)
    elif not _is_kept(data, element, tracks):
        _void(data, element.start, element.end)


def _is_kept(data: Bytes, element: Element, tracks: Tracks) -> bool:
    if element.id == TRACK:
        return _keeps_track(data, element, tracks)
    if element.id in (SIMPLE_BLOCK, BLOCK, ENCRYPTED_BLOCK):
        return _number(data, element.inside)[0] not in tracks.dropped
    if element.id == BLOCK_GROUP:
        blocks = (each for each in _children(data, element) if each.id == BLOCK)
        return all(_is_kept(data, each, tracks) for each in blocks)
    return element.id in KEPT or element.id in OPENED


def _keeps_track(data: Bytes, track: Element, tracks: Tracks) -> bool:
    found = {each.id: each for each in _children(data, track)}
    number, kind = (_unsigned(data, found.get(id)) for id in (NUMBER, KIND))
    (tracks.kept if kind in KEPT_KINDS else tracks.dropped).add(number)
    if kind in KEPT_KINDS and (private := found.get(PRIVATE)):
        codec = found.get(CODEC)
        name = data[codec.inside : codec.end] if codec else b""
        headers = data[private.inside : private.end]
        data.write(private.inside, codec_headers.without_comments(name.rstrip(b"\0"), headers))
    return kind in KEPT_KINDS


def _unsigned(data: Bytes, element: Element | None) -> int:
    return int.from_bytes(data[element.inside : element.end], "big") if element else 0


def _children(data: Bytes, element: Element) -> Iterator[Element]:
    assert element.end is not None, "only what has no size is of a live recording"
    at = element.inside
    while at < element.end:
        child = _element(data, at, element.end)
        if child.end is None:
            raise FileRefused("not_readable")
        yield child
        at = child.end


def _elements(data: Bytes, start: int, end: int) -> Iterator[Element]:
    """One after the other, whichever contains which: what is opened comes before what is in it.
    An element that was made void meanwhile is passed over.
    """
    for _ in range(MOST_ELEMENTS):
        if start >= end:
            return
        element = _element(data, start, end)
        yield element
        is_open = element.id in OPENED and data[element.start : element.start + 1] != VOID_BYTE
        start = element.inside if is_open or element.end is None else element.end
    raise FileRefused("not_readable")


def _element(data: Bytes, at: int, end: int) -> Element:
    """Raises FileRefused: it reaches beyond the end."""
    length = _length(data, at)
    id = int.from_bytes(data[at : at + length], "big")
    size, width = _number(data, at + length)
    inside = at + length + width
    if size == (1 << 7 * width) - 1:
        return Element(id, at, inside, None)
    if inside + size > end:
        raise FileRefused("not_readable")
    return Element(id, at, inside, inside + size)


def _number(data: Bytes, at: int) -> tuple[int, int]:
    """A number of variable length (RFC 8794), and its length."""
    length = _length(data, at)
    number = int.from_bytes(data[at : at + length], "big")
    return number & ((1 << 7 * length) - 1), length


def _length(data: Bytes, at: int) -> int:
    """Raises FileRefused: there is no number."""
    first = int.from_bytes(data[at : at + 1], "big")
    length = 9 - first.bit_length()
    if not first or at + length > data.size:
        raise FileRefused("not_readable")
    return length


def _void(data: Bytes, start: int, end: int) -> None:
    """One element from `start` to `end`: an id of one byte, the size, zeros."""
    size = end - start
    if size < 9:
        head = bytes((VOID, 0x80 | size - 2))
    else:
        head = bytes((VOID, 0x01)) + (size - 9).to_bytes(7, "big")
    data.write(start, head)
    data.zero(start + len(head), end)
