"""Request, message, connection and trace ids of the form that AWS uses."""

import os
from binascii import b2a_base64


def new_id() -> str:
    """Sixteen characters, the last one `=`, safe in a URL."""
    return b2a_base64(os.urandom(11), newline=False).translate(_URL_SAFE).decode("ascii")


_URL_SAFE = bytes.maketrans(b"+/", b"-_")


def trace_id(milliseconds: int) -> str:
    """An X-Amzn-Trace-Id of this time, in milliseconds since 1970."""
    return f"Root=1-{milliseconds // 1000:08x}-{os.urandom(12).hex()}"
