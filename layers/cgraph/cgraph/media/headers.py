"""What an object says about itself when it is served. S3 keeps these headers with the object, and
CloudFront and the local edge send them; infra/media.yaml adds those that are the same for all.
"""

import re
from collections.abc import Mapping
from urllib.parse import quote

IMMUTABLE = "public, max-age=31536000, s-maxage=60, immutable"
"""Of public objects: a browser keeps them, the edge asks the bucket again after a minute, so that
what is deleted is gone then.
"""

PRIVATE = "private, max-age=60"
"""A URL lives for at most two windows of two minutes: with the minute of the browser's cache, a
former member sees nothing after five. The edge keeps the object for a minute whatever this says.
"""

SHOWN_TYPES = frozenset(
    (
        *("image/webp", "image/png", "image/jpeg", "image/gif", "image/avif"),
        *("video/mp4", "video/webm", "video/quicktime"),
        *("audio/mpeg", "audio/mp4", "audio/ogg", "audio/webm", "audio/wav", "audio/flac"),
    )
)
"""What a page may show: pictures that we encoded ourselves, and what only players read. Everything
else is downloaded, and without its type: no browser opens it.
"""

DOWNLOAD_TYPE = "application/octet-stream"

_NO_TOKEN = re.compile(r"[^A-Za-z0-9!#$&+.^_`|~ ()\[\]{},=@-]")
_BYTES_OF_NAME = 180


def object_headers(
    *, filename: str, content_type: str, is_shown: bool, is_public: bool
) -> Mapping[str, str]:
    """`is_shown`: it is a picture that we encoded, video or audio. The names are arguments of
    boto3's `put_object`, `copy_object` and `create_multipart_upload`.
    """
    shown = is_shown and content_type in SHOWN_TYPES
    return {
        "ContentType": content_type if shown else DOWNLOAD_TYPE,
        "ContentDisposition": content_disposition(filename, is_shown=shown),
        "CacheControl": IMMUTABLE if is_public else PRIVATE,
    }


def content_disposition(filename: str, *, is_shown: bool) -> str:
    """RFC 6266: the name in ASCII for old clients, and as it is. Nothing in the name can end the
    parameter or the header.
    """
    kind = "inline" if is_shown else "attachment"
    name = _bounded(filename.replace("/", "_").replace("\\", "_")) or "file"
    plain = _NO_TOKEN.sub("_", name).replace("%", "_")
    value = f'{kind}; filename="{plain}"'
    if plain != name:
        value += f"; filename*=UTF-8''{quote(name, safe='')}"
    return value


def _bounded(name: str) -> str:
    """S3 keeps 2 KB of headers with an object; a percent-encoded name has three times its bytes."""
    encoded = name.encode(errors="replace")
    if len(encoded) <= _BYTES_OF_NAME:
        return encoded.decode()
    stem, dot, ending = name.rpartition(".")
    tail = f"{dot}{ending}".encode(errors="replace") if dot and len(ending) <= 10 else b""
    head = (stem if tail else name).encode(errors="replace")[: _BYTES_OF_NAME - len(tail)]
    return (head + tail).decode(errors="ignore")
