from __future__ import annotations

import asyncio
import base64
import hashlib
import io
from typing import Any

import pytest
from PIL import Image

from tests.feature.account import user_events
from tests.feature.environment import work_off
from tests.feature.uploads.files import (
    FIXTURES,
    begin,
    notification,
    picture,
    post_form,
    process,
    send,
    sqs_record,
    stored,
    upload,
    versions,
)
from tests.feature.world import Person, World


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def taken_somewhere(format: str) -> bytes:
    """A picture with a position, a maker and an orientation: its top is on the right."""
    exif = Image.Exif()
    exif[0x010F] = "Secret Camera"
    exif[0x0112] = 6
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0)})
    return picture(400, 300, format=format, exif=exif.tobytes(), icc_profile=b"Secret profile")


@pytest.mark.parametrize(
    ("format", "content_type"),
    [
        ("JPEG", "image/jpeg"),
        ("PNG", "image/png"),
        ("WEBP", "image/webp"),
        ("AVIF", "image/avif"),
    ],
)
async def test_a_picture_is_written_anew_without_its_metadata(
    ada: Person, s3: Any, format: str, content_type: str
) -> None:
    ready = await upload(ada, taken_somewhere(format), content_type)

    assert (ready["status"], ready["kind"]) == ("ready", "image")
    assert (ready["width"], ready["height"]) == (300, 400)
    files = stored(s3, ready["id"])
    assert not any(b"Secret" in content or b"Exif" in content for content in files.values())
    original = opened(files[next(iter(files))])
    assert original.size == (300, 400)
    assert not original.getexif()


async def test_a_picture_has_smaller_ones_and_a_placeholder(ada: Person, s3: Any) -> None:
    ready = await upload(ada, picture(1600, 1200, format="JPEG"), "image/jpeg")

    sizes = [(each["width"], each["height"]) for each in ready["thumbnails"]]
    assert sizes == [(320, 240), (640, 480), (1280, 960)]
    files = stored(s3, ready["id"])
    assert {name: opened(content).size for name, content in files.items()} == {
        "original.jpg": (1600, 1200),
        "w320.webp": (320, 240),
        "w640.webp": (640, 480),
        "w1280.webp": (1280, 960),
    }
    assert ready["size"] == len(files["original.jpg"])
    kind, _, tiny = ready["placeholder"].partition(",")
    assert kind == "data:image/webp;base64"
    assert opened(base64.b64decode(tiny)).size == (16, 12)


@pytest.mark.parametrize(
    ("format", "content_type"),
    [
        ("GIF", "image/gif"),
        ("WEBP", "image/webp"),
        ("PNG", "image/png"),
        ("AVIF", "image/avif"),
    ],
)
async def test_an_animation_stays_one(ada: Person, s3: Any, format: str, content_type: str) -> None:
    frames = [Image.new("RGB", (400, 200), (shade, 0, 0)) for shade in (0, 90, 180, 250)]
    written = io.BytesIO()
    frames[0].save(written, format, save_all=True, append_images=frames[1:], duration=120)

    ready = await upload(ada, written.getvalue(), content_type)

    assert (ready["animated"], ready["duration_ms"]) == (True, 480)
    files = stored(s3, ready["id"])
    for name, size in (("original.webp", (400, 200)), ("w320.webp", (320, 160))):
        image = Image.open(io.BytesIO(files[name]))
        assert (image.size, getattr(image, "n_frames", 1)) == (size, 4)


@pytest.mark.parametrize(
    ("name", "content_type", "expected"),
    [
        ("picture.heic", "image/heic", ("image", "image/jpeg", 64, 48, None)),
        ("clip.mp4", "video/mp4", ("video", "video/mp4", 64, 48, 1024)),
        ("clip.mov", "video/quicktime", ("video", "video/quicktime", 64, 48, 1000)),
        ("clip.webm", "video/webm", ("video", "video/webm", 64, 48, 1014)),
        ("tune.mp3", "audio/mpeg", ("audio", "audio/mpeg", None, None, 1044)),
        ("tune.ogg", "audio/ogg", ("audio", "audio/ogg", None, None, 1013)),
        ("tune.m4a", "audio/mp4", ("audio", "audio/mp4", None, None, 1024)),
        ("tune.flac", "audio/flac", ("audio", "audio/flac", None, None, 1000)),
    ],
)
async def test_files_of_phones_and_recorders_are_probed_and_lose_their_metadata(
    ada: Person, s3: Any, name: str, content_type: str, expected: tuple[object, ...]
) -> None:
    content = (FIXTURES / name).read_bytes()
    assert b"Secret Camera" in content

    ready = await upload(ada, content, content_type)

    found = (
        *(ready["kind"], ready["content_type"], ready["width"], ready["height"]),
        ready["duration_ms"],
    )
    assert found == expected, ready
    for kept in stored(s3, ready["id"]).values():
        assert b"Secret" not in kept
        assert b"+52.5" not in kept


async def test_a_document_is_only_downloaded(ada: Person, s3: Any) -> None:
    content = b"%PDF-1.4\n1 0 obj <</Type /Catalog>> endobj\ntrailer <</Root 1 0 R>>\n%%EOF\n"

    ready = await upload(ada, content, "application/pdf")

    assert (ready["kind"], ready["content_type"]) == ("file", "application/pdf")
    head = s3.head_object(Bucket="cgraph-media", Key=f"media/{ready['id']}/original.bin")
    assert head["ContentType"] == "application/octet-stream"
    assert head["ContentDisposition"].startswith("attachment")


async def test_the_owner_alone_hears_that_an_upload_is_ready_or_refused(
    ada: Person, grace: Person
) -> None:
    own, others = await ada.open_socket(), await grace.open_socket()
    for socket in (own, others):
        await socket.say("hello")

    ready = await upload(ada, picture(), "image/png")
    refused = await upload(ada, b"GIF89a is all that it has", "image/gif")

    events = own.received()
    assert [event["event"] for event in events] == ["upload.ready", "upload.refused"]
    assert [event["data"]["upload"] for event in events] == [{**ready, "url": None}, refused]
    assert (refused["status"], refused["reason"]) == ("refused", "not_readable")
    assert others.received() == []


async def test_a_file_that_comes_twice_is_ready_once(ada: Person, s3: Any) -> None:
    begun = await begin(ada, picture(), "image/png")
    for _ in range(2):
        assert post_form(begun["url"], begun["fields"], picture()) == 204
    id = begun["upload"]["id"]

    event = {"Records": [sqs_record(notification(id))]}
    await asyncio.gather(
        *(ada.world.run(work_off, "workers.process_uploads", event, many=True) for _ in range(2))
    )
    await process(ada, id)

    assert len(await user_events(ada, "upload.ready")) == 1
    assert set(versions(s3, id)) == {f"media/{id}/original.png"}


async def test_an_upload_that_is_deleted_before_it_is_processed_leaves_nothing(
    world: World, ada: Person, s3: Any
) -> None:
    id = await send(ada, picture(), "image/png")
    assert (await ada.call("delete_upload", id=id)).status == 204

    await world.work_off("workers.process_uploads", notification(id))
    await world.work_off("workers.process_uploads", *world.queues.drain(world.queues.media))

    assert versions(s3, id) == []
    assert await world.sql("SELECT 1 FROM uploads WHERE id = %s", id) == []


@pytest.mark.parametrize(
    ("purpose", "folder"),
    [("attachment", "media"), ("avatar", "public"), ("emoji", "public"), ("banner", "public")],
)
async def test_only_what_everybody_may_see_is_stored_as_public(
    ada: Person, s3: Any, purpose: str, folder: str
) -> None:
    ready = await upload(ada, picture(), "image/png", purpose=purpose)

    assert stored(s3, ready["id"], folder=folder).keys() == {"original.png"}
    assert len(versions(s3, ready["id"])) == 1


async def test_the_storage_takes_only_the_file_that_was_announced(ada: Person) -> None:
    content = picture()
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    begun = await begin(ada, content, "image/png", checksum=digest)
    url, fields = begun["url"], begun["fields"]

    assert post_form(url, fields, content + b"!") in (400, 403)
    assert post_form(url, {**fields, "key": "public/x"}, content) in (400, 403)
    assert post_form(url, {**fields, "Content-Type": "text/html"}, content) in (400, 403)
    assert post_form(url, {**fields, "x-amz-signature": "0" * 64}, content) in (400, 403)
    assert post_form(url, {k: v for k, v in fields.items() if k != "policy"}, content) >= 400
    assert post_form(url, fields, content) == 204
    ready = await process(ada, begun["upload"]["id"])
    assert ready["status"] == "ready"


async def test_a_file_with_another_checksum_does_not_become_ready(
    world: World, ada: Person
) -> None:
    content = picture()
    id = await send(ada, content, "image/png")
    other = base64.b64encode(hashlib.sha256(b"other").digest()).decode()
    await world.sql("UPDATE uploads SET checksum = %s WHERE id = %s", other, id)

    assert (await process(ada, id))["reason"] == "content_mismatch"


async def test_quotas_count_what_is_stored(world: World, ada: Person, s3: Any) -> None:
    async def used() -> int:
        rows = await world.sql("SELECT bytes FROM upload_usage WHERE user_id = %s", ada.id)
        return int(rows[0][0])

    ready = await upload(ada, picture(800, 600), "image/png")
    assert await used() == sum(map(len, stored(s3, ready["id"]).values()))

    await upload(ada, b"no picture", "image/png")
    assert await used() == sum(map(len, stored(s3, ready["id"]).values()))

    await ada.call("delete_upload", id=ready["id"])
    assert await used() == 0
