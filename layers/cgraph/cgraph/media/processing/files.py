"""From a file of any kind to what is stored of it."""

from functools import cache
from pathlib import Path

from cgraph.media.processing.archives import require_harmless
from cgraph.media.processing.images import process_image
from cgraph.media.processing.recordings import process_recording
from cgraph.media.processing.refusal import FileRefused
from cgraph.media.processing.results import Processed, Stored
from cgraph.media.processing.sniffing import HEAD_BYTES, agreed_type
from cgraph.media.uploads.models import Purpose
from cgraph.media.uploads.rules import PICTURE_PURPOSES, kind_of

PACKED = frozenset(("application/zip",))


@cache
def import_libraries() -> None:
    """In the worker, so that the processes forked from it need not."""
    import filetype  # noqa: F401
    import pi_heif
    import pymediainfo  # noqa: F401
    from PIL import Image

    Image.init()
    Image.MAX_IMAGE_PIXELS = None  # it would only warn; images.py has limits
    pi_heif.register_heif_opener(thumbnails=False)


def process_file(
    file: Path, *, claimed: str, purpose: Purpose, waveform: str | None, into: Path
) -> Processed:
    """Writes what is to be stored into a folder. Raises FileRefused."""
    with file.open("rb") as opened:
        content_type = agreed_type(claimed, opened.read(HEAD_BYTES))
    kind = kind_of(content_type)
    if purpose in PICTURE_PURPOSES and kind != "image":
        raise FileRefused("type_mismatch")
    if kind == "image":
        return process_image(file, content_type, into=into)
    if kind in ("video", "audio"):
        return process_recording(
            file, content_type, into=into, voice=purpose is Purpose.VOICE, waveform=waveform
        )
    if content_type in PACKED:
        require_harmless(file)
    return Processed(kind="file", files=[Stored("original.bin", file, content_type)])
