"""Pictures: decoded within limits and written anew, so that nothing else of the file is left.

A new file has the pixels only: no EXIF, no position, no colour profile, nothing behind the end of
the picture, and no trick for another program.
"""

import base64
import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cgraph.media.processing.refusal import FileRefused
from cgraph.media.processing.results import Processed, Stored

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_PIXELS = 51_000_000
"""Of one picture: the large ones that phones make have 50.1 million."""
MOST_FRAMES = 1000
MOST_FRAME_PIXELS = 300_000_000
"""Of all frames together, as they are decoded."""
KEPT_FRAME_PIXELS = 50_000_000
"""Of all frames together, as they are held to be written: 4 bytes each."""
LONGEST_SIDE = 4096
"""A larger picture is made smaller: no screen shows more."""
SHARP_SIDE = 3840
"""A screen of 4K. JPEG is decoded at a half, a quarter or an eighth where that leaves as much."""
DENSE = 1.0
"""A PNG file with more bytes a pixel than this is a photo: zlib finds no repetitions in it, and
takes twice the time for the search.
"""
RUNS_ONLY = 3
"""Z_RLE of zlib."""
WIDTHS = (320, 640, 1280)
ANIMATED_WIDTHS = (320,)
PLACEHOLDER_SIDE = 16
SMALL_QUALITIES = (80, 60, 40)
FASTEST_MS, USUAL_MS = 20, 100
"""Browsers show a frame that claims less than 20 ms for 100."""

FORMATS = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/gif": "GIF",
    "image/webp": "WEBP",
    "image/avif": "AVIF",
    "image/heic": "HEIF",
}
"""Pillow's names. Nothing else is opened: it also reads formats that run programs."""


def process_image(file: Path, content_type: str, *, into: Path) -> Processed:
    """Raises FileRefused."""
    with _opened(file, FORMATS[content_type], pixels=MOST_PIXELS) as image:
        frames = getattr(image, "n_frames", 1)
        if frames > 1 and content_type != "image/heic":
            return _animated(image, frames, into=into)
        dense = file.stat().st_size > DENSE * image.width * image.height
        return _still(image, content_type, dense=dense, into=into)


def write_small(
    file: Path, format: str, *, to: Path, side: int, pixels: int, at_most: int
) -> tuple[int, int]:
    """Writes a WebP of the picture, or of its first frame: no side is longer than `side`, and it
    has `at_most` bytes. Returns its width and height. Raises FileRefused.
    """
    with _opened(file, format, pixels=pixels) as image:
        if format == "JPEG":
            image.draft("RGB", (side, side))
        small = _plain(_upright(_shrunk(image, side, side)))
        while True:
            for quality in SMALL_QUALITIES:
                small.save(to, "WEBP", quality=quality, method=4)
                if to.stat().st_size <= at_most:
                    return small.size
            small = small.resize((small.width // 2 or 1, small.height // 2 or 1))


@contextmanager
def _opened(file: Path, format: str, *, pixels: int) -> Iterator["Image"]:
    """`pixels`: how many it may have. Raises FileRefused, also for a file that turns out to be
    damaged while it is read.
    """
    from PIL import Image

    try:
        with (
            warnings.catch_warnings(action="ignore"),
            Image.open(file, formats=(format,)) as image,
        ):
            if image.width * image.height > pixels:
                raise FileRefused("too_many_pixels")
            yield image
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError):
        # what Pillow raises for files that are damaged
        raise FileRefused("not_readable") from None


def _still(image: "Image", content_type: str, *, dense: bool, into: Path) -> Processed:
    if content_type == "image/jpeg":
        _decode_smaller(image)
    plain = _plain(_upright(_shrunk(image, LONGEST_SIDE, LONGEST_SIDE)))
    opaque = plain.mode == "RGB"
    if content_type == "image/png":
        search = {"compress_type": RUNS_ONLY} if dense else {"compress_level": 6}
        original = _write(plain, into, "original.png", "image/png", **search)
    elif opaque and content_type != "image/webp":
        original = _write(plain, into, "original.jpg", "image/jpeg", quality=88)
    else:
        original = _write(plain, into, "original.webp", "image/webp", quality=88, method=2)
    thumbnails, smallest = _thumbnails(plain, into=into)
    return Processed(
        kind="image",
        files=[original, *thumbnails],
        width=plain.width,
        height=plain.height,
        placeholder=placeholder(smallest),
    )


def _decode_smaller(image: "Image") -> None:
    longest = max(image.size)
    if longest >= 2 * SHARP_SIDE:
        width, height = (side * SHARP_SIDE // longest for side in image.size)
        image.draft("RGB", (max(1, width), max(1, height)))


def _shrunk(image: "Image", width: int, height: int) -> "Image":
    """Within these sides; the image itself where it is not larger."""
    if image.width <= width and image.height <= height:
        image.load()
        return image
    if image.mode not in {"RGB", "RGBA", "L", "LA"}:
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    smaller = image.copy() if not hasattr(image, "fp") else image
    smaller.thumbnail((width, height), reducing_gap=2.0)
    return smaller


def _upright(image: "Image") -> "Image":
    """As its EXIF data says that it was taken."""
    from PIL import ImageOps

    ImageOps.exif_transpose(image, in_place=True)
    return image


def _plain(image: "Image") -> "Image":
    """RGB or RGBA, without anything else that came with it."""
    from PIL import Image

    mode = "RGBA" if image.has_transparency_data else "RGB"
    pixels = image if image.mode == mode else image.convert(mode)
    plain = Image.new(mode, pixels.size)
    plain.paste(pixels)
    return plain


def _thumbnails(image: "Image", *, into: Path) -> tuple[list[Stored], "Image"]:
    """From the largest down, each of the one before; the smallest comes first. And the pixels of
    the smallest, or the picture itself.
    """
    made = []
    for width in reversed(WIDTHS):
        if width < image.width:
            height = max(1, round(image.height * width / image.width))
            image = image.resize((width, height), reducing_gap=2.0)
            made.append(_write(image, into, f"w{width}.webp", "image/webp", quality=80, method=2))
    return made[::-1], image


def placeholder(image: "Image") -> str:
    """A tiny WebP as a `data:` URL."""
    tiny = image.copy()
    tiny.thumbnail((PLACEHOLDER_SIDE, PLACEHOLDER_SIDE), reducing_gap=2.0)
    written = io.BytesIO()
    tiny.save(written, "WEBP", quality=20, method=6)
    return f"data:image/webp;base64,{base64.b64encode(written.getvalue()).decode()}"


def _write(image: "Image", into: Path, name: str, content_type: str, **options: Any) -> Stored:
    path = into / name
    image.save(path, **options)
    return Stored(name, path, content_type, image.width, image.height)


def _animated(image: "Image", count: int, *, into: Path) -> Processed:
    """All frames as WebP, smaller where they are many."""
    if count > MOST_FRAMES:
        raise FileRefused("too_many_frames")
    if count * image.width * image.height > MOST_FRAME_PIXELS:
        raise FileRefused("too_many_pixels")
    width, height = _frame_size(image.width, image.height, count)
    frames, durations = [], []
    for frame, duration in _frames(image, count, width, height):
        frames.append(frame)
        durations.append(duration)
    original = _write_frames(frames, durations, into, "original.webp")
    thumbnails = [
        _write_frames(_narrower(frames, each), durations, into, f"w{each}.webp")
        for each in ANIMATED_WIDTHS
        if each < width
    ]
    return Processed(
        kind="image",
        files=[original, *thumbnails],
        width=width,
        height=height,
        duration_ms=sum(durations),
        animated=True,
        placeholder=placeholder(frames[0]),
    )


def _frame_size(width: int, height: int, count: int) -> tuple[int, int]:
    scale = min(
        1.0, (KEPT_FRAME_PIXELS / (count * width * height)) ** 0.5, 1280 / max(width, height)
    )
    return max(1, int(width * scale)), max(1, int(height * scale))


def _frames(image: "Image", count: int, width: int, height: int) -> Iterator[tuple["Image", int]]:
    for number in range(count):
        image.seek(number)
        frame = image.convert("RGBA")
        if frame.size != (width, height):
            frame = frame.resize((width, height), reducing_gap=2.0)
        frame.info = {}
        duration = int(image.info.get("duration") or USUAL_MS)
        yield frame, duration if duration >= FASTEST_MS else USUAL_MS


def _narrower(frames: list["Image"], width: int) -> list["Image"]:
    height = max(1, round(frames[0].height * width / frames[0].width))
    return [frame.resize((width, height), reducing_gap=2.0) for frame in frames]


def _write_frames(frames: list["Image"], durations: list[int], into: Path, name: str) -> Stored:
    return _write(
        frames[0],
        into,
        name,
        "image/webp",
        save_all=True,
        append_images=frames[1:],
        duration=durations,
        loop=0,
        quality=75,
        method=1,
    )
