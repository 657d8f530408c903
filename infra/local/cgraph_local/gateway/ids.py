"""Request, message, connection and trace ids of the form that AWS uses."""

import os
from binascii import b2a_base64

_POOL_BYTES = 1024
_pool = b""


def _random(size: int) -> bytes:
    """From the system, but not in a call for each: an event has four of them."""
    global _pool
    if len(_pool) < size:
        _pool = os.urandom(_POOL_BYTES)
    taken, _pool = _pool[:size], _pool[size:]
    return taken


def new_id() -> str:
    """Sixteen characters, the last one `=`, safe in a URL."""
    return b2a_base64(_random(11), newline=False).translate(_URL_SAFE).decode("ascii")


_URL_SAFE = bytes.maketrans(b"+/", b"-_")


def trace_id(milliseconds: int) -> str:
    """An X-Amzn-Trace-Id of this time, in milliseconds since 1970."""
    return f"Root=1-{milliseconds // 1000:08x}-{_random(12).hex()}"
