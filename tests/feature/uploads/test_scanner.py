"""The hook for a malware scanner, which here is a server that answers as Lambda does."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.feature.environment import work_off
from tests.feature.uploads.files import notification, picture, send, sqs_record, stored
from tests.feature.world import Person, World

SCANNER = "scanner"


class Scanner(ThreadingHTTPServer):
    answer: Any
    asked: list[Any]


class Handler(BaseHTTPRequestHandler):
    server: Scanner

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append((self.path, json.loads(body)))
        answer = json.dumps(self.server.answer).encode()
        self.send_response(200)
        if "errorMessage" in self.server.answer:
            self.send_header("X-Amz-Function-Error", "Unhandled")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def scanner() -> Iterator[Scanner]:
    server = Scanner(("127.0.0.1", 0), Handler)
    server.asked, server.answer = [], {"clean": True}
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def work_with_scanner(url: str, event: dict[str, Any]) -> Any:
    import os
    from unittest.mock import patch

    from cgraph.core.settings import settings

    variables = {"MEDIA_SCANNER": SCANNER, "AWS_ENDPOINT_URL_LAMBDA": url}
    with patch.dict(os.environ, variables):
        settings.cache_clear()
        try:
            return work_off("workers.process_uploads", event)
        finally:
            settings.cache_clear()


async def process(world: World, scanner: Scanner, id: str) -> Any:
    url = f"http://127.0.0.1:{scanner.server_port}"
    event = {"Records": [sqs_record(notification(id))]}
    return await world.run(work_with_scanner, url, event)


async def test_a_file_is_ready_only_after_the_scanner_found_it_clean(
    world: World, ada: Person, scanner: Scanner, s3: Any
) -> None:
    clean, infected = await send(ada, picture(), "image/png"), await send(ada, b"x", "text/plain")

    assert await process(world, scanner, clean) == {"batchItemFailures": []}
    assert scanner.asked[0] == (
        f"/2015-03-31/functions/{SCANNER}/invocations",
        {"bucket": "cgraph-media", "key": f"incoming/{clean}", "version": None},
    )
    scanner.answer = {"clean": False}
    assert await process(world, scanner, infected) == {"batchItemFailures": []}

    assert (await ada.call("show_upload", id=clean)).body["status"] == "ready"
    refused = (await ada.call("show_upload", id=infected)).body
    assert (refused["status"], refused["reason"]) == ("refused", "malware")
    assert stored(s3, infected) == {}


async def test_nothing_is_ready_without_a_verdict(
    world: World, ada: Person, scanner: Scanner
) -> None:
    id = await send(ada, picture(), "image/png")

    answers: list[Any] = [{"errorMessage": "it failed"}, {}, [], {"clean": "yes"}]
    for answer in answers:
        scanner.answer = answer
        assert (await process(world, scanner, id))["batchItemFailures"], answer
        assert (await ada.call("show_upload", id=id)).body["status"] == "processing"

    scanner.answer = {"clean": True}
    assert await process(world, scanner, id) == {"batchItemFailures": []}
    assert (await ada.call("show_upload", id=id)).body["status"] == "ready"
