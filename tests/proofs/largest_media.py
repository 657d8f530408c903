"""`python -m tests.proofs.largest_media NAME`: prints the peak of memory that one of the largest
inputs takes, as the worker processes it: JSON with `bytes` and what became of it.

It is a process of its own, because a peak is never forgotten.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import wave
import zipfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from PIL import Image

from cgraph.media.processing.archives import MOST_ENTRIES
from cgraph.media.processing.files import import_libraries, process_file
from cgraph.media.processing.images import MOST_FRAME_PIXELS, MOST_FRAMES, MOST_PIXELS
from cgraph.media.processing.isolation import run_isolated
from cgraph.media.processing.refusal import FileRefused
from cgraph.media.uploads.models import Purpose
from cgraph.media.uploads.rules import PLANS, USUAL
from cgraph_local.core.home import CHECKOUT

LARGEST = PLANS[USUAL].largest
FIXTURES = CHECKOUT / "tests" / "media"
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


def repeated(unit: bytes, most: int, path: Path, *, head: bytes = b"") -> None:
    """As many as fit, written a thousand at a time."""
    with path.open("wb") as file:
        file.write(head)
        while file.tell() + len(unit) * 1000 <= most:
            file.write(unit * 1000)


def mp3(path: Path) -> str:
    repeated(b"\xff\xfb\x90\x64" + bytes(413), LARGEST["audio"], path)
    return "audio/mpeg"


def ogg(path: Path) -> str:
    """A tune, again and again: as many streams, each with comments."""
    repeated((FIXTURES / "tune.ogg").read_bytes(), LARGEST["audio"] // 20, path)
    return "audio/ogg"


def flac(path: Path) -> str:
    tune = (FIXTURES / "tune.flac").read_bytes()
    repeated(tune[-2000:], LARGEST["audio"], path, head=tune)
    return "audio/flac"


def wav(path: Path) -> str:
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(2)
        sound.setsampwidth(2)
        sound.setframerate(48_000)
        sound.writeframes(bytes(LARGEST["audio"] - 1024))
    return "audio/wav"


def webm(path: Path) -> str:
    """A clip with many clusters of small blocks behind it."""
    clip = bytearray((FIXTURES / "clip.webm").read_bytes())
    at = clip.index(b"\x18\x53\x80\x67") + 4
    clip[at : at + 8] = b"\x01" + b"\xff" * 7  # its size is not known
    block = b"\xa3\x43\xe8\x81\0\0\x80" + bytes(996)
    cluster = b"\x1f\x43\xb6\x75\x01" + b"\xff" * 7 + b"\xe7\x81\1" + block * 50
    repeated(cluster, LARGEST["video"], path, head=bytes(clip))
    return "video/webm"


def mp4(path: Path) -> str:
    """A clip, and media that no track has."""
    clip = (FIXTURES / "clip.mp4").read_bytes()
    with path.open("wb") as file:
        file.write(clip)
        size = LARGEST["video"] - len(clip)
        file.write(size.to_bytes(4, "big") + b"mdat")
        file.truncate(LARGEST["video"])
    return "video/mp4"


def archive(path: Path) -> str:
    with zipfile.ZipFile(path, "w") as file:
        for number in range(MOST_ENTRIES):
            file.writestr(f"{number}", "")
    return "application/zip"


INPUTS: Mapping[str, Callable[[Path], str]] = {
    "JPEG": partial(picture, "RGB", "JPEG"),
    "PNG": partial(picture, "RGBA", "PNG"),
    "WebP": partial(picture, "RGBA", "WEBP"),
    "AVIF": partial(picture, "RGB", "AVIF"),
    "GIF of 100 frames": partial(animation, 100, "GIF"),
    "GIF of many frames": partial(animation, MOST_FRAMES, "GIF"),
    "MP3": mp3,
    "Ogg": ogg,
    "FLAC": flac,
    "WAV": wav,
    "WebM": webm,
    "MP4": mp4,
    "ZIP": archive,
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
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = round(used.ru_utime + used.ru_stime, 1)
    print(json.dumps({"outcome": outcome, "bytes": peak * 1024, "name": name, "cpu_s": cpu}))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        main(sys.argv[1], Path(sys.argv[2] if len(sys.argv) > 2 else temporary))
