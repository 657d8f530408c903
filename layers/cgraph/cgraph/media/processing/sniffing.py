"""What a file is, by its bytes; what was claimed must agree with it."""

from cgraph.media.processing.refusal import FileRefused
from cgraph.media.uploads.rules import kind_of

HEAD_BYTES = 4096
UNKNOWN = "application/octet-stream"
TEXT = "text/plain; charset=utf-8"

FOUND_AS = {
    "application/ogg": "audio/ogg",
    "audio/x-wav": "audio/wav",
    "audio/x-flac": "audio/flac",
    "audio/x-m4a": "audio/mp4",
    "image/apng": "image/png",
    "image/heif": "image/heic",
    "video/x-m4v": "video/mp4",
    "video/x-matroska": "video/webm",
    "video/3gpp": "video/mp4",
}
"""One name for each type."""

FAMILIES = (
    {"audio/mp4", "video/mp4", "video/quicktime", "audio/x-m4a"},
    {"audio/webm", "video/webm"},
    {"audio/ogg", "audio/opus"},
    {"audio/wav", "audio/x-wav", "audio/wave"},
    {"image/heic", "image/heif"},
)
"""Types whose files begin alike: the tracks tell them apart, or nothing does."""

BRANDS = {
    b"avif": "image/avif",
    b"avis": "image/avif",
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"mif1": "image/heic",
    b"msf1": "image/heic",
    b"heim": "image/heic",
    b"heis": "image/heic",
    b"qt  ": "video/quicktime",
    b"M4A ": "audio/mp4",
    b"M4B ": "audio/mp4",
}
"""Of a file in boxes (ISO 14496-12); any other brand is an MP4."""

SAFE_FILES = frozenset(("application/pdf", "application/zip", "application/gzip"))
"""Files whose type is kept, since their bytes agree. All of them are only downloaded."""


def sniff(head: bytes) -> str:
    """The type by the first bytes; UNKNOWN where they say nothing."""
    if head[4:8] == b"ftyp":
        return _by_brands(head)
    import filetype

    found = filetype.guess_mime(head)
    return FOUND_AS.get(found, found) if found else UNKNOWN


def _by_brands(head: bytes) -> str:
    """The major brand decides; `mif1` says only that it is a picture, so then the others do."""
    size = int.from_bytes(head[:4], "big")
    box = head[: size if 16 <= size <= len(head) else len(head)]
    brands = [box[8:12], *(box[at : at + 4] for at in range(16, len(box) - 3, 4))]
    if brands[0] in (b"mif1", b"msf1"):
        brands = [*(each for each in brands if each.startswith(b"avi")), *brands]
    return BRANDS.get(brands[0], "video/mp4")


def agreed_type(claimed: str, head: bytes) -> str:
    """The type of the file. Raises FileRefused: the bytes are of another type than was claimed."""
    found = sniff(head)
    if kind_of(claimed) == "file":
        return _type_of_file(claimed, found, head)
    if found == UNKNOWN:
        raise FileRefused("type_mismatch")
    if found == claimed:
        return found
    if any({found, claimed} <= family for family in FAMILIES):
        return found
    raise FileRefused("type_mismatch")


def _type_of_file(claimed: str, found: str, head: bytes) -> str:
    """A picture, a video or a sound must be sent as what it is, or its metadata would stay. What is
    not known is bytes to download.
    """
    if kind_of(found) != "file":
        raise FileRefused("type_mismatch")
    if claimed in SAFE_FILES and found != claimed:
        raise FileRefused("type_mismatch")
    if found in SAFE_FILES:
        return found
    return TEXT if claimed == "text/plain" and _is_text(head) else UNKNOWN


def _is_text(head: bytes) -> bool:
    try:
        text = head.decode()
    except UnicodeDecodeError as error:
        if error.start < len(head) - 3:
            return False  # not a character that the cut has divided
        text = head[: error.start].decode()
    return "\0" not in text
