"""From the request for an upload to the bytes of its smallest thumbnail, and what is stored of it.

The pictures compress as photos do (pictures.py). Each is sent as a client sends it: the request,
the form to the storage, the event on a socket, the thumbnail from the edge.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from tests.load import pictures
from tests.load.crowd import create_users
from tests.load.figures import Quantiles, goal_ratio, number, quantiles
from tests.load.session import Session
from tests.person import Document, Person, Socket
from tests.system import LocalSystem

WORKER = "ProcessUploads"
MB = 1024**2
GOAL_P95_MS = 3000.0
TIMEOUT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class UploadTimes:
    """`ms`: until the thumbnail is there. `cpu_ms`: of the worker, for each. `stored`: bytes of
    each object by its width.
    """

    what: str
    content_type: str
    bytes: int
    width: int
    height: int
    ms: Quantiles
    cpu_ms: float
    stored: dict[int, int]


@dataclass(frozen=True, slots=True)
class Photo:
    what: str
    content_type: str
    content: bytes


async def measure_uploads(session: Session) -> list[UploadTimes]:
    sizes = session.sizes
    session.progress.print("making photos")
    files = await asyncio.to_thread(_make, session.folder, sizes.upload_bytes)
    (person,) = create_users(session.system, 1)
    socket = await person.open_socket()
    await socket.call("hello", {})
    measured = []
    for photo in files:
        session.progress.print(f"{sizes.uploads} times {photo.what}")
        measured.append(await _measure(session.system, person, socket, photo, rounds=sizes.uploads))
    await socket.close()
    return measured


def _make(folder: Path, most: int) -> list[Photo]:
    share = min(1.0, most / (20 * MB)) ** 0.5
    large = pictures.photo(*(int(side * share) for side in pictures.LARGE))
    phone = pictures.photo(*(int(side * share) for side in pictures.PHONE))
    jpeg, png, usual = folder / "large.jpg", folder / "large.png", folder / "phone.jpg"
    pictures.write_jpeg(jpeg, size=most, picture=large)
    pictures.write_png(png, size=most, picture=large)
    phone.save(usual, "JPEG", quality=90)
    return [
        Photo("a JPEG of 50 megapixels", "image/jpeg", jpeg.read_bytes()),
        Photo("a PNG", "image/png", png.read_bytes()),
        Photo("a JPEG of a phone, 12 megapixels", "image/jpeg", usual.read_bytes()),
    ]


async def _measure(
    system: LocalSystem, person: Person, socket: Socket, photo: Photo, *, rounds: int
) -> UploadTimes:
    async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS) as client:
        await _upload(person, socket, client, photo)  # the worker's cold start
        times, upload, cpu = [], {}, _worker_cpu(system)
        for _ in range(rounds):
            began = time.perf_counter()
            upload = await _upload(person, socket, client, photo)
            times.append((time.perf_counter() - began) * 1000)
        cpu = _worker_cpu(system) - cpu
        stored = await _stored(client, upload)
    return UploadTimes(
        what=photo.what,
        content_type=photo.content_type,
        bytes=len(photo.content),
        width=upload["width"],
        height=upload["height"],
        ms=quantiles(times),
        cpu_ms=1000 * cpu / rounds,
        stored=stored,
    )


def _worker_cpu(system: LocalSystem) -> float:
    """Seconds, with those of the processes in which files were read."""
    return sum(sum(psutil.Process(pid).cpu_times()[:4]) for pid in system.environments(WORKER))


async def _upload(
    person: Person, socket: Socket, client: httpx.AsyncClient, photo: Photo
) -> Document:
    """The upload when its smallest thumbnail was read."""
    draft = {
        "filename": "photo",
        "content_type": photo.content_type,
        "size": len(photo.content),
    }
    before = len(socket.events)
    begun = await person.request_json("POST", "/uploads", body=draft)
    form = begun["fields"]
    sent = await client.post(begun["url"], data=form, files={"file": ("photo", photo.content)})
    assert sent.status_code == 204, sent.text
    assert await socket.wait_for_events(more_than=before, seconds=TIMEOUT_SECONDS)
    upload = await person.get(f"/uploads/{begun['upload']['id']}")
    assert upload["status"] == "ready", upload
    thumbnail = await client.get(upload["thumbnails"][0]["url"])
    assert thumbnail.status_code == 200 and thumbnail.content[8:12] == b"WEBP"
    return dict(upload)


async def _stored(client: httpx.AsyncClient, upload: Document) -> dict[int, int]:
    """Bytes by width."""
    sizes = {int(upload["width"]): int(upload["size"])}
    for each in upload["thumbnails"]:
        sizes[int(each["width"])] = len((await client.get(each["url"])).content)
    return sizes


def lines(measured: list[UploadTimes]) -> Iterator[str]:
    yield f"from POST /uploads to the thumbnail; goal of 20 MB: p95 {GOAL_P95_MS:.0f} ms"
    for each in measured:
        goal = goal_ratio(each.ms.p95, goal=GOAL_P95_MS, at_most=True)
        yield (
            f"  {each.what}, {each.bytes / MB:.1f} MB: p50 {number(each.ms.p50)} ms   "
            f"p95 {number(each.ms.p95)} ms ({goal})   CPU of the worker {number(each.cpu_ms)} ms"
        )
        objects = (f"{width} px {size / 1024:,.0f} KB" for width, size in each.stored.items())
        yield f"    stored: {', '.join(objects)}"
