"""Request times as API Gateway writes them in its events."""

import time


class RequestClock:
    """The text is made once a second, because each event contains it."""

    __slots__ = ("_second", "_text")

    def __init__(self) -> None:
        self._second = 0
        self._text = ""

    def now(self) -> tuple[int, str]:
        """Milliseconds since 1970, and the same as `12/Mar/2020:19:03:58 +0000`."""
        milliseconds = time.time_ns() // 1_000_000
        second = milliseconds // 1000
        if second != self._second:
            self._second = second
            self._text = _format(second)
        return milliseconds, self._text


_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def _format(second: int) -> str:
    utc = time.gmtime(second)
    month = _MONTHS[utc.tm_mon - 1]
    clock = f"{utc.tm_hour:02}:{utc.tm_min:02}:{utc.tm_sec:02}"
    return f"{utc.tm_mday:02}/{month}/{utc.tm_year}:{clock} +0000"
