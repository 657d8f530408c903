"""S9 of pictures from the web: hostile ones are refused, or nothing hostile is left of them."""

from __future__ import annotations

import base64
import io

import pytest
from PIL import Image

from cgraph.media.previews.errors import PreviewFailed
from cgraph.media.previews.models import PICTURE_BYTES
from cgraph.media.previews.pictures import PIXELS_AT_MOST, SIDE_AT_MOST, small_picture
from cgraph.media.processing.refusal import FileRefused
from tests.proofs.hostile_files import MARK, hostile_files, picture


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def test_hostile_pictures_are_refused_or_lose_what_is_hostile() -> None:
    files = [file for file in hostile_files() if file.claimed.startswith("image/")]
    assert len(files) > 20
    kept = 0
    for file in files:
        try:
            small = small_picture(file.content)
        except (FileRefused, PreviewFailed):
            continue
        kept += 1
        content = base64.b64decode(small.data)
        assert MARK not in content, file.name
        assert len(content) <= PICTURE_BYTES, file.name
        assert opened(content).format == "WEBP", file.name
    assert kept, "some of them are pictures too"


def test_a_bomb_of_pixels_is_refused() -> None:
    side = int(PIXELS_AT_MOST**0.5) + 2
    with pytest.raises(FileRefused, match="too_many_pixels"):
        small_picture(picture("PNG", (side, side)))


@pytest.mark.parametrize("size", [(1, 1), (15, 400), (8000, 20)])
def test_a_picture_that_shows_nothing_is_none(size: tuple[int, int]) -> None:
    with pytest.raises(PreviewFailed, match="too_small"):
        small_picture(picture("PNG", size))


def test_a_picture_of_noise_is_small_too() -> None:
    written = io.BytesIO()
    Image.effect_noise((1400, 1400), 200).convert("RGB").save(written, "JPEG", quality=60)
    small = small_picture(written.getvalue())
    content = base64.b64decode(small.data)
    assert len(content) <= PICTURE_BYTES
    assert max(opened(content).size) <= SIDE_AT_MOST
    assert opened(content).size == (small.width, small.height)


def test_an_animation_shows_its_first_frame() -> None:
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("red", "blue", "lime")]
    written = io.BytesIO()
    frames[0].save(written, "GIF", save_all=True, append_images=frames[1:])
    small = opened(base64.b64decode(small_picture(written.getvalue()).data))
    red, green, blue = small.convert("RGB").getpixel((20, 20))  # type: ignore[misc]
    assert red > 200 > 60 > max(green, blue)
    assert getattr(small, "n_frames", 1) == 1


def test_a_picture_stands_as_its_camera_was_held() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    small = small_picture(picture("JPEG", (40, 30), exif=exif.tobytes()))
    assert (small.width, small.height) == (30, 40)
