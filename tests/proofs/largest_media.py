"""`python -m tests.proofs.largest_media NAME`: prints the peak of memory that one of the largest
inputs takes, as the worker processes it: JSON with `bytes` and what became of it.

It is a process of its own, because a peak is never forgotten.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from PIL import Image

from cgraph.media.processing.files import import_libraries, process_file
from cgraph.media.processing.images import MOST_FRAME_PIXELS, MOST_FRAMES, MOST_PIXELS
from cgraph.media.processing.isolation import run_isolated
from cgraph.media.processing.refusal import FileRefused
from cgraph.media.uploads.models import Purpose

SIDE = int(MOST_PIXELS**0.5)


def picture(mode: str, format: str, path: Path) -> str:
    """As large as may be."""
    shades = Image.linear_gradient("L").resize((SIDE, SIDE))
    bands = [shades] * len(Image.new(mode, (1, 1)).getbands())
    Image.merge(mode, bands).save(path, format)
    return f"image/{format.lower()}"


def animation(frames: int, format: str, path: Path) -> str:
    side = int((MOST_FRAME_PIXELS / frames) ** 0.5)
    pictures = [Image.new("RGB", (side, side), (n % 256, 0, 0)) for n in range(frames)]
    pictures[0].save(path, format, save_all=True, append_images=pictures[1:], duration=40)
    return f"image/{format.lower()}"


INPUTS: Mapping[str, Callable[[Path], str]] = {
    "JPEG": partial(picture, "RGB", "JPEG"),
    "PNG": partial(picture, "RGBA", "PNG"),
    "WebP": partial(picture, "RGBA", "WEBP"),
    "AVIF": partial(picture, "RGB", "AVIF"),
    "GIF of 100 frames": partial(animation, 100, "GIF"),
    "GIF of many frames": partial(animation, MOST_FRAMES, "GIF"),
}


def write(name: str, path: Path) -> str:
    """In a process of its own, which takes more memory than the worker."""
    return run_isolated(lambda: INPUTS[name](path), memory=8 * 1024**3, seconds=600)


def main(name: str, folder: Path) -> None:
    file, results = folder / "incoming", folder / "results"
    results.mkdir(exist_ok=True)
    kind = (folder / "type").read_text()
    import_libraries()
    work = partial(
        process_file,
        file,
        claimed=kind,
        purpose=Purpose.ATTACHMENT,
        waveform=None,
        into=results,
    )
    try:
        outcome = run_isolated(work, seconds=600).kind
    except FileRefused as refusal:
        outcome = refusal.reason
    peak = max(
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    print(json.dumps({"outcome": outcome, "bytes": peak * 1024, "name": name}))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        main(sys.argv[1], Path(sys.argv[2] if len(sys.argv) > 2 else temporary))
