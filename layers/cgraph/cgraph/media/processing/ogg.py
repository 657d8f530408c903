"""Copies an Ogg file (RFC 3533) of Opus, Vorbis, FLAC or Speex without its comments and pictures.

The packet with the comments keeps its length, with no comment in it and zeros instead, and its
pages get new checksums. All streams of the file are looked at; what is no page is left out.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from cgraph.media.processing.refusal import FileRefused

HEADER_BYTES = 27
SERIAL, CHECKSUM = slice(14, 18), slice(22, 26)
BEGINS = 2
"""The flag of the first page of a stream."""

NO_COMMENTS = bytes(8)
"""The length of the vendor's name, and the number of comments."""
COMMENTS = {
    b"OpusHead": b"OpusTags" + NO_COMMENTS,
    b"\x01vorbis": b"\x03vorbis" + NO_COMMENTS + b"\x01",
    b"Speex   ": NO_COMMENTS,
}
"""By how the first packet begins: the second one without comments. Zeros follow."""
FLAC = b"\x7fFLAC"
FLAC_PADDING, FLAC_COMMENTS, FLAC_LAST, FLAC_KEPT = 1, 4, 0x80, (0, 3)


@dataclass(slots=True)
class Stream:
    """`packet`: the number of the packet that comes next or goes on; `done`: so many bytes of it
    were seen. `comments`: what the second packet becomes, None of FLAC. `in_headers`: what comes
    may have to be blanked.
    """

    comments: bytes | None
    packet: int = 0
    done: int = 0
    in_headers: bool = True
    block: bytearray = field(default_factory=bytearray)


def copy_pages(file: Path, to: Path) -> None:
    """Raises FileRefused: no page, or a stream of something else."""
    streams: dict[bytes, Stream] = {}
    with file.open("rb") as source, to.open("wb") as target:
        for head, lengths, body in _pages(source, file.stat().st_size):
            serial = bytes(head[SERIAL])
            if head[5] & BEGINS:
                streams[serial] = _begin(body)
            elif serial not in streams:
                raise FileRefused("not_readable")
            if streams[serial].in_headers:
                _blank(streams[serial], lengths, body)
                head[CHECKSUM] = bytes(4)
                head[CHECKSUM] = _checksum(head + lengths + body).to_bytes(4, "little")
            target.write(head + lengths + body)
    if not streams or any(stream.in_headers for stream in streams.values()):
        raise FileRefused("not_readable")


def _pages(file: BinaryIO, end: int) -> Iterator[tuple[bytearray, bytes, bytearray]]:
    """Header, lengths of the segments, body."""
    at = 0
    while at + HEADER_BYTES <= end:
        file.seek(at)
        head = bytearray(file.read(HEADER_BYTES))
        if head[:4] != b"OggS":
            at = _next_page(file, at + 1)
            continue
        lengths = file.read(head[26])
        body = bytearray(file.read(sum(lengths)))
        at += HEADER_BYTES + len(lengths) + len(body)
        if len(body) < sum(lengths):
            return  # it was cut off
        yield head, lengths, body


def _next_page(file: BinaryIO, at: int) -> int:
    """Where the next page begins; the end of the file if there is none."""
    file.seek(at)
    kept = b""
    while block := file.read(1024 * 1024):
        found = (kept + block).find(b"OggS")
        if found >= 0:
            return at - len(kept) + found
        at += len(block)
        kept = block[-3:]
    return at


def _begin(body: bytearray) -> Stream:
    """Raises FileRefused: nobody knows where such a stream has its comments."""
    if body.startswith(FLAC):
        return Stream(None)
    for start, comments in COMMENTS.items():
        if body.startswith(start):
            return Stream(comments)
    raise FileRefused("type_not_supported")


def _blank(stream: Stream, lengths: bytes, body: bytearray) -> None:
    at = 0
    for length in lengths:
        if stream.packet and stream.in_headers:
            piece = body[at : at + length]
            body[at : at + length] = _without_comments(stream, piece)
        at += length
        stream.done += length
        if length < 255:
            _end_packet(stream)


def _without_comments(stream: Stream, piece: bytearray) -> bytes:
    """The same number of bytes."""
    if stream.comments is not None:
        kept = stream.comments[stream.done : stream.done + len(piece)]
        return kept.ljust(len(piece), b"\0")
    stream.block += piece[: 4 - len(stream.block)] if len(stream.block) < 4 else b""
    kind = stream.block[0] & 0x7F if stream.block else 0
    if kind in FLAC_KEPT:
        return bytes(piece)
    head = bytearray(stream.block)
    if kind != FLAC_COMMENTS and head:
        head[0] = head[0] & FLAC_LAST | FLAC_PADDING
    return bytes(head[stream.done : stream.done + len(piece)]).ljust(len(piece), b"\0")


def _end_packet(stream: Stream) -> None:
    """Raises FileRefused: comments that are shorter than none."""
    if stream.packet and stream.in_headers:
        if stream.comments is not None:
            stream.in_headers = False
            if stream.done < len(stream.comments):
                raise FileRefused("not_readable")
        else:
            stream.in_headers = bool(stream.block) and not stream.block[0] & FLAC_LAST
            stream.block.clear()
    stream.packet, stream.done = stream.packet + 1, 0


def _checksum(page: bytes | bytearray) -> int:
    """CRC-32 of the polynomial 0x04c11db7, not reflected: that of zlib from the other end."""
    crc = zlib.crc32(page.translate(MIRRORED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int.from_bytes(crc.to_bytes(4, "little").translate(MIRRORED), "big")


MIRRORED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
