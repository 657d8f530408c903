"""Tags around the sound of a file: ID3v2 before it; ID3v1, APE, Lyrics3 and ID3v2 behind it."""

from mmap import mmap

ID3V1_BYTES, EXTENDED_ID3V1_BYTES = 128, 227
APE, APE_BYTES, APE_HAS_HEADER = b"APETAGEX", 32, 1 << 31
LONGEST_OLD_LYRICS = 5200
STARTS = (b"ID3", b"TAG", APE, b"LYRICSBEGIN")


def is_tag_at(data: mmap, position: int) -> bool:
    return any(data[position : position + len(each)] == each for each in STARTS)


def end_of_leading_tags(data: mmap) -> int:
    """Where the sound begins, behind ID3v2 tags."""
    at = 0
    while data[at : at + 3] == b"ID3" and at + 10 <= len(data):
        footer = 10 if data[at + 5] & 0x10 else 0
        at += 10 + id3_size(data[at + 6 : at + 10]) + footer
    return min(at, len(data))


def start_of_trailing_tags(data: mmap) -> int:
    """Where the sound ends."""
    end = len(data)
    while (before := _start_of_last_tag(data, end)) < end:
        end = max(0, before)
    return end


def _start_of_last_tag(data: mmap, end: int) -> int:
    """`end` if no tag ends there."""
    if end >= ID3V1_BYTES and data[end - ID3V1_BYTES : end - ID3V1_BYTES + 3] == b"TAG":
        start = end - ID3V1_BYTES
        extended = max(0, start - EXTENDED_ID3V1_BYTES)
        return extended if data[extended : extended + 4] == b"TAG+" else start
    if end >= APE_BYTES and data[end - APE_BYTES : end - 24] == APE:
        size = int.from_bytes(data[end - 20 : end - 16], "little")
        flags = int.from_bytes(data[end - 12 : end - 8], "little")
        return end - max(size, APE_BYTES) - (APE_BYTES if flags & APE_HAS_HEADER else 0)
    if end >= 10 and data[end - 10 : end - 7] == b"3DI":
        return end - id3_size(data[end - 4 : end]) - 20
    return _start_of_lyrics(data, end)


def _start_of_lyrics(data: mmap, end: int) -> int:
    closing = data[max(0, end - 9) : end]
    if closing == b"LYRICS200" and (size := data[max(0, end - 15) : end - 9]).isdigit():
        return end - 15 - int(size)
    if closing == b"LYRICSEND":
        found = data.rfind(b"LYRICSBEGIN", max(0, end - LONGEST_OLD_LYRICS), end)
        return found if found >= 0 else end - 9
    return end


def id3_size(number: bytes) -> int:
    """Of four bytes with seven bits each."""
    return number[0] << 21 | number[1] << 14 | number[2] << 7 | number[3]
