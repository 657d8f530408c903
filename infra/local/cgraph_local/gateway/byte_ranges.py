"""Which bytes of an object a request asks for (RFC 9110, section 14)."""

import re
from dataclasses import dataclass

_ONE_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


class RangeNotSatisfiable(Exception):
    """No byte of the object is in the range."""


@dataclass(frozen=True, slots=True)
class ByteRange:
    """`last` is included, as in the headers."""

    first: int
    last: int

    @property
    def size(self) -> int:
        return self.last - self.first + 1


def read_range(header: str, *, size: int) -> ByteRange | None:
    """None: the whole object, also where the header is none that we know, or asks for several
    ranges. Raises RangeNotSatisfiable.
    """
    found = _ONE_RANGE.fullmatch(header.strip().replace(" ", ""))
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        return _last_bytes(int(found[2]), size=size)
    first = int(found[1])
    last = min(int(found[2]), size - 1) if found[2] else size - 1
    if found[2] and int(found[2]) < first:
        return None
    if first >= size:
        raise RangeNotSatisfiable
    return ByteRange(first, last)


def _last_bytes(number: int, *, size: int) -> ByteRange:
    if not number or not size:
        raise RangeNotSatisfiable
    return ByteRange(max(0, size - number), size - 1)
