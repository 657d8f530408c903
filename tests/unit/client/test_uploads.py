"""Sending and getting files, with a storage that fails as real ones do."""

from __future__ import annotations

import hashlib
from base64 import b64decode
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from cgraph_client import (
    ApiError,
    Attachment,
    Client,
    StorageError,
    UploadRefused,
    safe_filename,
)
from tests.unit.client.calls import ID

PART = 1000
AT = "2026-11-28T17:00:00Z"


class Storage:
    """An API of uploads with its storage, on one port. `fails`: how often each part does before it
    is taken. `ended`: URLs that are refused.
    """

    def __init__(self) -> None:
        self.url = ""
        self.status = ["processing", "ready"]
        self.stored: dict[int, bytes] = {}
        self.form: list[tuple[str, bytes]] = []
        self.fails: dict[int, int] = {}
        self.ended: set[str] = set()
        self.authorized: list[bool] = []
        self.draft: dict[str, Any] = {}
        self.asked_parts = 0

    def upload(self) -> dict[str, Any]:
        status = self.status.pop(0) if len(self.status) > 1 else self.status[0]
        return {
            **{"id": ID, "status": status, "filename": "tea.bin", "content_type": "a/b"},
            **{"size": self.draft["size"], "purpose": "attachment", "created_at": AT},
            **{"reason": "malware" if status == "refused" else None},
        }

    async def create(self, request: web.Request) -> web.Response:
        self.draft = await request.json()
        new = {"upload": self.upload(), "expires_at": AT}
        if self.draft["size"] > 3 * PART:
            return web.json_response(new | {"url": None, "fields": None, "parts": self.parts()})
        fields = {"key": "incoming/x", "policy": "secret-policy"}
        return web.json_response(new | {"url": f"{self.url}/form", "fields": fields, "parts": None})

    def parts(self) -> list[dict[str, Any]]:
        size = self.draft["size"]
        sizes = [PART] * (size // PART) + ([size % PART] if size % PART else [])
        return [
            {
                "number": number,
                "size": each,
                "url": None
                if number in self.stored
                else f"{self.url}/part/{number}?X-Amz-Signature=secret",
            }
            for number, each in enumerate(sizes, start=1)
        ]

    async def list_parts(self, _: web.Request) -> web.Response:
        self.asked_parts += 1
        return web.json_response({"parts": self.parts(), "expires_at": AT})

    async def put(self, request: web.Request) -> web.Response:
        self.authorized.append("authorization" in request.headers)
        number, content = int(request.match_info["number"]), await request.read()
        if self.fails.get(number, 0):
            self.fails[number] -= 1
            return web.Response(status=503, text="<Error><Code>SlowDown</Code></Error>")
        self.stored[number] = content
        return web.Response()

    async def post(self, request: web.Request) -> web.Response:
        self.authorized.append("authorization" in request.headers)
        if self.fails.get(0):
            return web.Response(status=400, text="<Error><Code>EntityTooLarge</Code></Error>")
        reader = await request.multipart()
        async for field in reader:
            self.form.append((str(field.name), bytes(await field.read())))  # type: ignore[union-attr]
        return web.Response(status=204)

    async def show(self, _: web.Request) -> web.Response:
        return web.json_response(self.upload())

    async def urls(self, request: web.Request) -> web.Response:
        ids = (await request.json())["uploads"]
        items = [{"id": id, "url": f"{self.url}/file/fresh?Signature=secret"} for id in ids]
        return web.json_response({"items": items, "expires_at": AT})

    async def get(self, request: web.Request) -> web.Response:
        self.authorized.append("authorization" in request.headers)
        if request.match_info["name"] in self.ended:
            return web.Response(status=403)
        return web.Response(body=b"tea" * 100)


@pytest.fixture
async def storage() -> AsyncIterator[Storage]:
    storage = Storage()
    app = web.Application()
    app.router.add_routes(
        [
            web.post("/uploads", storage.create),
            web.post("/uploads/urls", storage.urls),
            web.get("/uploads/{id}", storage.show),
            web.post("/uploads/{id}/parts", storage.list_parts),
            web.post("/uploads/{id}/complete", storage.show),
            web.put("/part/{number}", storage.put),
            web.post("/form", storage.post),
            web.get("/file/{name}", storage.get),
        ]
    )
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    storage.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield storage
    await runner.cleanup()


@pytest.fixture
async def client(storage: Storage) -> AsyncIterator[Client]:
    async with Client(storage.url) as client:
        yield client


def new_file(folder: Path, size: int) -> Path:
    path = folder / "tea.bin"
    path.write_bytes(bytes(number % 251 for number in range(size)))
    return path


async def test_a_file_goes_as_a_form_with_its_checksum_and_the_file_last(
    storage: Storage, client: Client, tmp_path: Path
) -> None:
    path, done = new_file(tmp_path, 2500), list[int]()
    upload = await client.uploads.upload(path, on_progress=lambda now, _: done.append(now))
    assert upload.status == "ready"
    digest = hashlib.sha256(path.read_bytes()).digest().hex()
    assert b64decode(storage.draft["checksum"]).hex() == digest
    assert [name for name, _ in storage.form] == ["key", "policy", "file"]
    assert storage.form[-1][1] == path.read_bytes()
    assert done[-1] == 2500
    assert storage.authorized == [False], "the storage never sees the session"


async def test_a_part_that_fails_is_sent_again_and_no_other(
    storage: Storage, client: Client, tmp_path: Path
) -> None:
    path, done = new_file(tmp_path, 4500), list[tuple[int, int]]()
    storage.fails = {3: 1}
    await client.uploads.upload(path, on_progress=lambda *step: done.append(step))
    assert b"".join(storage.stored[number] for number in range(1, 6)) == path.read_bytes()
    assert storage.asked_parts == 1
    assert len(storage.authorized) == 6
    assert done[-1] == (4500, 4500)


async def test_an_interrupted_upload_goes_on_where_it_was(
    storage: Storage, client: Client, tmp_path: Path
) -> None:
    path = new_file(tmp_path, 4500)
    storage.draft = {"size": 4500}
    storage.stored = {1: b"a" * 1000, 2: b"b" * 1000}
    await client.uploads.resume(ID, path)
    assert storage.stored[1] == b"a" * 1000
    assert storage.stored[5] == path.read_bytes()[4000:]


async def test_what_the_storage_refuses_says_why_and_no_secret(
    storage: Storage, client: Client, tmp_path: Path
) -> None:
    storage.fails = {0: 1}
    with pytest.raises(StorageError, match="EntityTooLarge") as caught:
        await client.uploads.upload(new_file(tmp_path, 10))
    assert "secret" not in str(caught.value)


async def test_what_the_server_refuses_says_why(
    storage: Storage, client: Client, tmp_path: Path
) -> None:
    storage.status = ["pending", "refused"]
    with pytest.raises(UploadRefused, match="malware"):
        await client.uploads.upload(new_file(tmp_path, 10))


async def test_a_download_whose_url_has_ended_gets_a_new_one(
    storage: Storage, client: Client, tmp_path: Path
) -> None:
    storage.ended = {"old"}
    for number, url in enumerate([None, f"{storage.url}/file/old?Signature=secret"]):
        to = tmp_path / str(number)
        assert await client.uploads.download(Attachment(ID, url=url), to) == 300
        assert to.read_bytes() == b"tea" * 100
    assert not any(storage.authorized)


async def test_a_download_replaces_nothing_and_leaves_nothing_where_it_fails(
    storage: Storage, client: Client, tmp_path: Path
) -> None:
    there = tmp_path / "there"
    there.write_text("mine")
    with pytest.raises(FileExistsError):
        await client.uploads.download(Attachment(ID), there)
    storage.ended = {"fresh"}
    with pytest.raises(StorageError):
        await client.uploads.download(Attachment(ID), tmp_path / "new")
    assert there.read_text() == "mine"
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("tea.png", "tea.png"),
        ("日本語 ü.pdf", "日本語 ü.pdf"),
        ("../../.ssh/authorized_keys", "_.._.ssh_authorized_keys"),
        ("..", "file"),
        (".bashrc", "bashrc"),
        ("a\x1b[2Jb\r\n.png", "a_[2Jb__.png"),
        ("photo\u202egnp.exe", "photo_gnp.exe"),
        ("C:\\x\\y", "C__x_y"),
        ("nul.txt", "_nul.txt"),
        ("a\ud800b", "a_b"),
        ("", "file"),
        ("ü" * 300 + ".pdf", "ü" * 98 + ".pdf"),
    ],
)
def test_a_name_of_others_is_a_file_in_the_folder(name: str, safe: str) -> None:
    assert safe_filename(name) == safe


async def test_the_api_refuses_as_ever(client: Client) -> None:
    with pytest.raises(ApiError):
        await client.uploads.delete("x/y")
