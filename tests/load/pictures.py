"""Pictures that compress as photos do.

Photos have as much contrast in coarse structures as in fine ones: the amplitude falls with the
frequency (D. J. Field, 1987, "Relations between the statistics of natural images and the response
properties of cortical cells"). So they are made of noise in octaves, with equal contrast in each,
and some noise of a sensor.
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageChops

OCTAVE_CONTRAST = 34.0
SENSOR_CONTRAST = 6.0
MIDDLE = 128
LARGE = (8160, 6120)
"""Of a phone with 50 megapixels."""
PHONE = (4032, 3024)
"""Of one with 12."""


def photo(width: int, height: int) -> Image.Image:
    bands = [_band(width, height) for _ in range(3)]
    grey = bands[0]
    return Image.merge("RGB", [Image.blend(grey, band, 0.35) for band in bands])


def _band(width: int, height: int) -> Image.Image:
    """One colour: it begins coarse, and each step doubles it and adds finer structures."""
    side = max(width, height)
    octaves = max(1, side.bit_length() - 3)
    band = Image.new("L", _size(width, height, octaves), MIDDLE)
    for octave in range(octaves, -1, -1):
        band = band.resize(_size(width, height, octave), Image.Resampling.BICUBIC)
        contrast = OCTAVE_CONTRAST / 2 if octave else SENSOR_CONTRAST
        band = ImageChops.add(band, Image.effect_noise(band.size, contrast), offset=-MIDDLE)
    return band


def _size(width: int, height: int, octave: int) -> tuple[int, int]:
    return max(1, width >> octave), max(1, height >> octave)


def write_jpeg(path: Path, *, size: int, picture: Image.Image) -> int:
    """A file of about `size` bytes: the highest quality that is not larger. Returns its size."""
    for quality in range(98, 40, -2):
        picture.save(path, "JPEG", quality=quality)
        if path.stat().st_size <= size:
            break
    return path.stat().st_size


def write_png(path: Path, *, size: int, picture: Image.Image) -> int:
    """A file of about `size` bytes, smaller in width and height if need be. Returns its size."""
    while True:
        picture.save(path, "PNG", compress_level=1)
        written = path.stat().st_size
        if written <= size:
            return written
        scale = (size / written) ** 0.5 * 0.98
        picture = picture.resize((int(picture.width * scale), int(picture.height * scale)))
