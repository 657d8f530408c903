"""The pictures of pages: fetched as pages are, and written anew in a process of their own.

A picture from the web is as hostile as an upload. Here it is decoded where a library that it takes
over can reach no private network and has no rights but those on two queues.
"""

import base64
import tempfile
from functools import cache, partial
from pathlib import Path

from cgraph.core import metrics
from cgraph.core.log import logger
from cgraph.core.outbound import Egress
from cgraph.media.previews import fetching
from cgraph.media.previews.errors import PreviewFailed
from cgraph.media.previews.models import PICTURE_BYTES, FetchedPicture
from cgraph.media.processing.images import FORMATS, write_small
from cgraph.media.processing.isolation import run_isolated
from cgraph.media.processing.refusal import FileRefused
from cgraph.media.processing.sniffing import HEAD_BYTES, sniff

ACCEPT = dict.fromkeys(("image/jpeg", "image/png", "image/webp", "image/gif", "image/avif"), False)
"""SVG is a program, and HEIC is on no page. A part of a picture is none."""

BYTES_AT_MOST = 5 * 1024 * 1024
SIDE_AT_MOST, SIDE_AT_LEAST = 640, 16
"""What is smaller counts visits, or is an icon."""
PIXELS_AT_MOST = 20_000_000
MEMORY_BYTES = 400 * 1024**2
"""Beyond what the worker has. FetchPreviews has 1,024 MB."""
SECONDS = 15.0


async def fetch_picture(url: str, *, egress: Egress) -> FetchedPicture | None:
    """None where there is none that could be read: the page keeps its texts."""
    try:
        fetched = await fetching.fetch(url, accept=ACCEPT, egress=egress, at_most=BYTES_AT_MOST)
        picture = small_picture(fetched.body)
    except (PreviewFailed, FileRefused) as error:
        logger.info("preview_picture_failed", extra={"reason": error.reason})
        metrics.add_property("preview_pictures_failed", 1)
        return None
    metrics.add_property("preview_pictures_fetched", 1)
    return picture


def small_picture(content: bytes) -> FetchedPicture:
    """Raises FileRefused, and PreviewFailed (`too_small`). What the server calls it does not
    matter, only what it is.
    """
    content_type = sniff(content[:HEAD_BYTES])
    if content_type not in ACCEPT:
        raise FileRefused("type_mismatch")
    _import_libraries()
    with tempfile.TemporaryDirectory(prefix="preview-") as folder:
        came, small = Path(folder, "came"), Path(folder, "small.webp")
        came.write_bytes(content)
        work = partial(
            write_small,
            came,
            FORMATS[content_type],
            to=small,
            side=SIDE_AT_MOST,
            pixels=PIXELS_AT_MOST,
            at_most=PICTURE_BYTES,
        )
        width, height = run_isolated(work, memory=MEMORY_BYTES, seconds=SECONDS)
        if min(width, height) < SIDE_AT_LEAST:
            raise PreviewFailed("too_small")
        data = base64.b64encode(small.read_bytes()).decode()
    return FetchedPicture(data=data, width=width, height=height)


@cache
def _import_libraries() -> None:
    """Before the fork, so that the process of each picture need not."""
    from PIL import Image

    Image.init()
    Image.MAX_IMAGE_PIXELS = None  # it would only warn; write_small() has a limit
