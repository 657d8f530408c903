"""R27: uploads at once, while workers are killed: each becomes ready once, and none is lost."""

from __future__ import annotations

import asyncio
import io
import os
import signal
from contextlib import suppress
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.conftest import Report, Size
from tests.person import Person
from tests.system import LocalSystem, System

pytestmark = pytest.mark.usefixtures("only_in_full")
"""tests/feature/uploads proves in `make test` what becomes of an upload."""

WORKER = "ProcessUploads"
TIMEOUT_SECONDS = 90.0
KILLS = 3
"""Their messages come again when the lease has ended, long before the queue would deliver them."""


def picture(number: int) -> bytes:
    written = io.BytesIO()
    shade = number % 256
    Image.linear_gradient("L").resize((900, 600)).point(lambda p: p ^ shade).save(written, "PNG")
    return written.getvalue()


async def send(person: Person, client: httpx.AsyncClient, content: bytes) -> str:
    draft = {"filename": "a.png", "content_type": "image/png", "size": len(content)}
    begun = await person.request_json("POST", "/uploads", body=draft)
    sent = await client.post(begun["url"], data=begun["fields"], files={"file": content})
    assert sent.status_code == 204, sent.text
    return str(begun["upload"]["id"])


async def statuses(person: Person, ids: list[str]) -> dict[str, str]:
    uploads = [await person.get(f"/uploads/{id}") for id in ids]
    return {each["id"]: each["status"] for each in uploads}


async def kill_workers(system: LocalSystem, kills: int, settled: asyncio.Event) -> int:
    """Each time that one runs, until so many were killed or all is done."""
    killed = 0
    while killed < kills and not settled.is_set():
        for pid in await asyncio.to_thread(system.environments, WORKER):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                killed += 1
        await asyncio.sleep(0.5)
    return killed


async def wait_settled(person: Person, ids: list[str], *, seconds: float) -> dict[str, str]:
    waiting = list(ids)
    found: dict[str, str] = {}
    async with asyncio.timeout(seconds):
        while waiting:
            found |= await statuses(person, waiting)
            waiting = [id for id in waiting if found[id] in ("pending", "processing")]
            await asyncio.sleep(0.5)
    return found


async def test_uploads_at_once_are_all_ready_although_workers_are_killed(
    system: System, size: Size, report: Report
) -> None:
    if not isinstance(system, LocalSystem):
        pytest.skip("workers are killed, which needs the local cloud")
    count, kills = size(8, 200), size(KILLS, 20)
    person = await system.new_person("sender")
    settled = asyncio.Event()
    killing = asyncio.create_task(kill_workers(system, kills, settled))
    async with httpx.AsyncClient(timeout=60) as client:
        ids = await asyncio.gather(*(send(person, client, picture(n)) for n in range(count)))
    found = await wait_settled(person, list(ids), seconds=size(TIMEOUT_SECONDS, 1800.0))
    settled.set()
    killed = await killing

    assert set(found.values()) == {"ready"}, found
    assert killed > 0, "no worker was killed"
    assert await ready_events(person) == dict.fromkeys(ids, 1)
    report("R27", uploads=count, workers_killed=killed)


async def ready_events(person: Person) -> dict[str, int]:
    """How often each upload was announced as ready."""
    stream = f"user:{person.id}"
    answer: Any = await person.request_json("POST", "/sync", body={"cursors": {stream: 0}})
    counts: dict[str, int] = {}
    for event in answer["streams"][stream]["events"]:
        if event["event"] == "upload.ready":
            id = event["data"]["upload"]["id"]
            counts[id] = counts.get(id, 0) + 1
    return counts
