"""Times and ids as API Gateway writes them in its events."""

import os
import time
from binascii import b2a_base64


class Clock:
    """The text is made once a second: it is part of each event."""

    __slots__ = ("_second", "_text")

    def __init__(self) -> None:
        self._second = 0
        self._text = ""

    def now(self) -> tuple[int, str]:
        """Milliseconds since 1970, and `12/Mar/2020:19:03:58 +0000`."""
        milliseconds = time.time_ns() // 1_000_000
        second = milliseconds // 1000
        if second != self._second:
            self._second = second
            self._text = _text(second)
        return milliseconds, self._text


_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def _text(second: int) -> str:
    t = time.gmtime(second)
    month = _MONTHS[t.tm_mon - 1]
    clock = f"{t.tm_hour:02}:{t.tm_min:02}:{t.tm_sec:02}"
    return f"{t.tm_mday:02}/{month}/{t.tm_year}:{clock} +0000"


def new_id() -> str:
    """Sixteen characters, the last one `=`, safe in a URL."""
    return b2a_base64(os.urandom(11), newline=False).translate(_URL_SAFE).decode("ascii")


_URL_SAFE = bytes.maketrans(b"+/", b"-_")
