"""Request, message and connection ids of the form that API Gateway uses."""

import os
from binascii import b2a_base64


def new_id() -> str:
    """Sixteen characters, the last one `=`, safe in a URL."""
    return b2a_base64(os.urandom(11), newline=False).translate(_URL_SAFE).decode("ascii")


_URL_SAFE = bytes.maketrans(b"+/", b"-_")
