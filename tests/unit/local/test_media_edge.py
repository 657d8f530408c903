"""The local edge of media: CloudFront's signatures, headers, ranges and refusals, over real S3."""

import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio

from cgraph.media.headers import object_headers
from cgraph.media.signatures import load_private_key, signed_query
from cgraph_local.core.credentials import NO_CREDENTIALS
from cgraph_local.core.home import CHECKOUT, Home
from cgraph_local.gateway import MediaEdge, MediaKeys, MediaOrigin, MediaServer, response_headers
from cgraph_local.services import Services

BASE = "https://media.example"
CONTENT = bytes(range(256)) * 1000
FIXED_HEADERS = {
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; img-src 'self'; media-src 'self'; "
    "style-src 'unsafe-inline'; sandbox",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "strict-transport-security": "max-age=63072000; includeSubDomains",
    "cross-origin-resource-policy": "cross-origin",
}


@dataclass
class Media:
    """`clock`: what is added to the time at the edge."""

    http: httpx.AsyncClient
    s3: httpx.AsyncClient
    keys: MediaKeys
    clock: float = 0.0

    async def store(
        self, folder: str = "media", *, name: str = "original.webp", **kept: str
    ) -> str:
        """Returns its path."""
        path = f"/{folder}/{uuid4()}/{name}"
        given = {"filename": "a.webp", "content_type": "image/webp"} | kept
        headers = object_headers(**given, is_shown=True, is_public=folder == "public")
        names = ("Content-Type", "Content-Disposition", "Cache-Control")
        stored = dict(zip(names, headers.values(), strict=True))
        (await self.s3.put(path, content=CONTENT, headers=stored)).raise_for_status()
        return path

    def signed(self, path: str, *, lives: float = 300, key: Path | None = None) -> str:
        query = signed_query(
            BASE,
            path.split("/")[2],
            expires=int(time.time() + lives),
            key=load_private_key((key or self.keys.file).read_bytes()),
            key_id=self.keys.key_id,
        )
        return f"{path}?{query}"


@pytest_asyncio.fixture(scope="module")
async def running(emulator: Services, home: Home) -> AsyncIterator[Media]:
    endpoints, keys = emulator.endpoints(), MediaKeys.of(home)
    origin = MediaOrigin(endpoints.emulator_url, bucket="edged", credentials=endpoints.credentials)
    media: Media
    edge = MediaEdge(
        origin,
        base=BASE,
        keys={keys.key_id: keys.public},
        headers=response_headers(CHECKOUT / "infra" / "media.yaml"),
        now=lambda: time.time() + media.clock,
    )
    server = MediaServer(edge, port=0)
    port = await server.start()
    bucket = f"{endpoints.emulator_url}/edged"
    signed = endpoints.credentials.emulator_headers("s3")
    async with (
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as http,
        httpx.AsyncClient(base_url=bucket, headers=signed, timeout=30) as s3,
    ):
        (await s3.put("")).raise_for_status()
        media = Media(http, s3, keys)
        yield media
    await server.stop()
    await origin.close()


@pytest.fixture
def media(running: Media) -> Media:
    running.clock = 0.0
    return running


async def test_a_signed_object_comes_as_it_was_stored_with_the_headers_of_the_policy(
    media: Media,
) -> None:
    path = await media.store()
    answer = await media.http.get(media.signed(path))
    assert answer.status_code == 200
    assert answer.content == CONTENT
    assert answer.headers["content-type"] == "image/webp"
    assert answer.headers["content-disposition"] == 'inline; filename="a.webp"'
    assert answer.headers["cache-control"] == "private, max-age=60"
    assert FIXED_HEADERS.items() <= dict(answer.headers).items()
    assert "server" not in answer.headers


async def test_a_public_object_needs_no_signature_and_is_kept_by_browsers(media: Media) -> None:
    answer = await media.http.get(await media.store("public"))
    assert answer.status_code == 200
    assert answer.headers["cache-control"].endswith("immutable")


async def test_what_a_browser_could_run_is_downloaded(media: Media) -> None:
    path = await media.store(name="original.html", filename="evil.html", content_type="text/html")
    answer = await media.http.get(media.signed(path))
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == 'attachment; filename="evil.html"'


Change = Callable[[Media, str], str]
REFUSED: dict[str, Change] = {
    "unsigned": lambda media, path: path,
    "expired": lambda media, path: media.signed(path, lives=-1),
    "another upload's": lambda media, path: (
        f"{path}?{media.signed(f'/media/{uuid4()}/a').partition('?')[2]}"
    ),
    "forged": lambda media, path: media.signed(path).replace("Signature=", "Signature=AAAA"),
    "in quarantine": lambda media, path: media.signed(path).replace("/media/", "/incoming/"),
    "private, at the public path": lambda media, path: f"/public/../{path}",
    "escaped": lambda media, path: media.signed(path).replace("/media/", "/%6dedia/"),
    "the bucket": lambda media, path: "/",
    "a list of the bucket": lambda media, path: "/?list-type=2",
}


@pytest.mark.parametrize("name", REFUSED)
async def test_without_a_right_signature_it_is_forbidden(name: str, media: Media) -> None:
    url = REFUSED[name](media, await media.store())
    request = media.http.build_request("GET", "/")
    target = url.encode()  # as it is: httpx would resolve the dots
    request.url = request.url.copy_with(raw_path=target)
    answer = await media.http.send(request)
    assert answer.status_code == 403
    assert FIXED_HEADERS.items() <= dict(answer.headers).items()


async def test_a_signature_by_another_key_is_forbidden(media: Media, tmp_path: Path) -> None:
    another = MediaKeys.of(Home(tmp_path))
    url = media.signed(await media.store(), key=another.file)
    assert (await media.http.get(url)).status_code == 403


async def test_a_url_ends_when_its_time_is_over(media: Media) -> None:
    url = media.signed(await media.store(), lives=200)
    media.clock = 190
    assert (await media.http.get(url)).status_code == 200
    media.clock = 200
    assert (await media.http.get(url)).status_code == 403


async def test_what_is_deleted_is_missing(media: Media) -> None:
    path = await media.store()
    url = media.signed(path)
    assert (await media.http.get(url)).status_code == 200
    (await media.s3.delete(path)).raise_for_status()
    assert (await media.http.get(url)).status_code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_other_methods_are_forbidden(method: str, media: Media) -> None:
    for path in (await media.store("public"), media.signed(await media.store())):
        assert (await media.http.request(method, path)).status_code == 403


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", ""])
async def test_another_name_of_this_machine_is_refused(host: str, media: Media) -> None:
    path = await media.store("public")
    assert (await media.http.get(path, headers={"host": host})).status_code == 403


RANGES = {
    "bytes=0-9": (206, CONTENT[:10]),
    "bytes=255990-": (206, CONTENT[-10:]),
    "bytes=-10": (206, CONTENT[-10:]),
    "bytes=255990-999999999": (206, CONTENT[-10:]),
    "bytes=256000-": (416, None),
    "bytes=-0": (416, None),
    "bytes=9-0": (200, CONTENT),
    "bytes=0-1,5-6": (200, CONTENT),
    "rows=0-1": (200, CONTENT),
    "bytes=a-b": (200, CONTENT),
}


@pytest.mark.parametrize("given", RANGES)
async def test_a_part_can_be_asked_for(given: str, media: Media) -> None:
    status, content = RANGES[given]
    url = media.signed(await media.store())
    answer = await media.http.get(url, headers={"range": given})
    assert answer.status_code == status
    if content is not None:
        assert answer.content == content
    if status != 200:
        assert answer.headers["content-range"].endswith(f"/{len(CONTENT)}")


async def test_a_part_of_another_version_is_not_sent(media: Media) -> None:
    url = media.signed(await media.store())
    headers = {"range": "bytes=0-9", "if-range": '"another"'}
    assert (await media.http.get(url, headers=headers)).status_code == 200


async def test_what_the_client_has_is_not_sent_again(media: Media) -> None:
    url = media.signed(await media.store())
    tag = (await media.http.get(url)).headers["etag"]
    for given in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        answer = await media.http.get(url, headers={"if-none-match": given})
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["cache-control"] == "private, max-age=60"
    other = await media.http.get(url, headers={"if-none-match": '"x"'})
    assert other.status_code == 200


async def test_head_has_the_headers_without_the_content(media: Media) -> None:
    url = media.signed(await media.store())
    answer = await media.http.head(url)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(len(CONTENT))


async def test_without_the_bucket_it_says_so(media: Media) -> None:
    origin = MediaOrigin("http://127.0.0.1:9", bucket="edged", credentials=NO_CREDENTIALS)
    edge = MediaEdge(origin, base=BASE, keys={}, headers=[])
    server = MediaServer(edge, port=0)
    port = await server.start()
    async with httpx.AsyncClient() as http:
        answer = await http.get(f"http://127.0.0.1:{port}/public/{uuid4()}/a.webp")
    await server.stop()
    await origin.close()
    assert answer.status_code == 502
