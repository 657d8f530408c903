"""Takes the comments out of an Ogg file (RFC 3533) of Opus or Vorbis.

They are the second packet. It keeps its length, with no comment in it and zeros instead, and its
pages get new checksums.
"""

from collections.abc import Iterator
from functools import cache
from typing import BinaryIO

from cgraph.media.processing.refusal import FileRefused

MOST_PAGES = 300
HEADER_BYTES = 27
CHECKSUM_AT = 22
OPUS, VORBIS = b"OpusTags", b"\x03vorbis"


def blank_comments(file: BinaryIO, end: int) -> None:
    """Raises FileRefused where the pages do not hold together."""
    pages = _pages(file, end)
    next(pages, None)  # the first packet is alone on its page
    packet, ranges, touched = bytearray(), list[tuple[int, int]](), list[tuple[int, int]]()
    for start, body, lengths in pages:
        touched.append((start, body + sum(lengths)))
        at = body
        for length in lengths:
            file.seek(at)
            packet += file.read(length)
            ranges.append((at, length))
            at += length
            if length < 255:  # the packet ends
                _write(file, ranges, _without_comments(bytes(packet)))
                for page in touched:
                    _sum_again(file, *page)
                return
    raise FileRefused("not_readable")


def _pages(file: BinaryIO, end: int) -> Iterator[tuple[int, int, bytes]]:
    """The start, where the body starts, and the lengths of the segments."""
    start = 0
    for _ in range(MOST_PAGES):
        file.seek(start)
        head = file.read(HEADER_BYTES)
        if len(head) < HEADER_BYTES or head[:4] != b"OggS":
            break
        lengths = file.read(head[26])
        body = start + HEADER_BYTES + len(lengths)
        if body + sum(lengths) > end:
            break
        yield start, body, lengths
        start = body + sum(lengths)
    raise FileRefused("not_readable")


def _without_comments(packet: bytes) -> bytes:
    magic = next((each for each in (OPUS, VORBIS) if packet.startswith(each)), None)
    if magic is None:
        return packet  # another codec: its second packet is no list of comments
    vendor = int.from_bytes(packet[len(magic) : len(magic) + 4], "little")
    kept = len(magic) + 4 + vendor
    rest = len(packet) - kept
    if rest < 5 and not (magic == OPUS and rest == 4):
        raise FileRefused("not_readable")
    framing = b"\x01" if magic == VORBIS else b""
    return (packet[:kept] + bytes(4) + framing).ljust(len(packet), b"\0")


def _write(file: BinaryIO, ranges: list[tuple[int, int]], packet: bytes) -> None:
    done = 0
    for at, length in ranges:
        file.seek(at)
        file.write(packet[done : done + length])
        done += length


def _sum_again(file: BinaryIO, start: int, end: int) -> None:
    file.seek(start)
    page = bytearray(file.read(end - start))
    page[CHECKSUM_AT : CHECKSUM_AT + 4] = bytes(4)
    file.seek(start + CHECKSUM_AT)
    file.write(_checksum(page).to_bytes(4, "little"))


def _checksum(page: bytes | bytearray) -> int:
    table, crc = _table(), 0
    for byte in page:
        crc = (crc << 8 & 0xFFFFFFFF) ^ table[crc >> 24 ^ byte]
    return crc


@cache
def _table() -> list[int]:
    """Of the polynomial 0x04c11db7, not reflected."""
    table = []
    for number in range(256):
        crc = number << 24
        for _ in range(8):
            crc = (crc << 1) ^ (0x04C11DB7 if crc & 0x80000000 else 0)
        table.append(crc & 0xFFFFFFFF)
    return table
