"""The headers of a codec as containers keep them: some hold the list of comments too."""

from cgraph.media.processing.refusal import FileRefused

FLAC_KEPT, FLAC_LAST, FLAC_PADDING = (0, 3), 0x80, 1
"""Blocks of FLAC (RFC 9639): the facts and positions to seek; the flag of the last block."""
COMMENT_PACKETS = {
    b"A_VORBIS": b"\x03vorbis" + bytes(8) + b"\x01",
    b"V_THEORA": b"\x81theora" + bytes(8),
}
"""By the name in Matroska: the second packet, with neither a vendor nor a comment."""


def without_comments(codec: bytes, headers: bytes) -> bytes:
    """The same number of bytes. Raises FileRefused where the headers do not hold together."""
    if codec in COMMENT_PACKETS:
        return _laced_without_comments(COMMENT_PACKETS[codec], headers)
    if codec == b"A_FLAC":
        return _flac_without_comments(headers)
    return headers


def _laced_without_comments(empty: bytes, headers: bytes) -> bytes:
    """Three packets: their number less one, the sizes of two, all three."""
    if headers[:1] != b"\x02":
        raise FileRefused("not_readable")
    at, sizes = 1, list[int]()
    while len(sizes) < 2:
        size = 0
        while headers[at : at + 1] == b"\xff":
            size, at = size + 255, at + 1
        if at >= len(headers):
            raise FileRefused("not_readable")
        sizes.append(size + headers[at])
        at += 1
    start, end = at + sizes[0], at + sum(sizes)
    if sizes[1] < len(empty) or end > len(headers):
        raise FileRefused("not_readable")
    return headers[:start] + empty.ljust(sizes[1], b"\0") + headers[end:]


def _flac_without_comments(headers: bytes) -> bytes:
    blanked, at = bytearray(headers), 4
    while at + 4 <= len(blanked):
        kind, size = blanked[at] & 0x7F, int.from_bytes(blanked[at + 1 : at + 4], "big")
        end = min(at + 4 + size, len(blanked))
        last = blanked[at] & FLAC_LAST
        if kind not in FLAC_KEPT:
            blanked[at] = last | FLAC_PADDING
            blanked[at + 4 : end] = bytes(end - at - 4)
        if last:
            return bytes(blanked[:end]).ljust(len(blanked), b"\0")
        at = end
    return bytes(blanked)
