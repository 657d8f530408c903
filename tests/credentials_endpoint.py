"""An endpoint that gives credentials as Lambda does where SnapStart restores environments."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PATH = "/2021-04-23/credentials"
TOKEN = "token of the runtime"


class CredentialsEndpoint(ThreadingHTTPServer):
    """`document`: what it answers. `answers`: (status, body) of the next requests, before that.
    `delay`: of each answer, in seconds.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.document: dict[str, Any] = {}
        self.answers: deque[tuple[int, bytes]] = deque()
        self.delay = 0.0
        self.requests = 0
        self.lock = threading.Lock()
        self.issue("AKIDFIRST")

    def issue(
        self,
        access_key_id: str,
        *,
        secret: str = "secret",
        life: timedelta = timedelta(hours=6),
    ) -> None:
        """From now on it answers with these credentials."""
        expiration = (datetime.now(UTC) + life).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.document = {
            "AccessKeyId": access_key_id,
            "SecretAccessKey": secret,
            "Token": f"session+of/{access_key_id}==",
            "Expiration": expiration,
        }

    @property
    def variables(self) -> dict[str, str]:
        """Those by which Lambda names it to a function."""
        return {
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"http://127.0.0.1:{self.server_port}{PATH}",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": TOKEN,
        }


class _Handler(BaseHTTPRequestHandler):
    server: CredentialsEndpoint

    def do_GET(self) -> None:
        with self.server.lock:
            self.server.requests += 1
            answer = self.server.answers.popleft() if self.server.answers else None
        time.sleep(self.server.delay)
        status, body = answer or self._answer()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _answer(self) -> tuple[int, bytes]:
        if (self.path, self.headers.get("Authorization")) != (PATH, TOKEN):
            return 404, b'{"errorType": "InvalidToken"}'
        return 200, json.dumps(self.server.document).encode()

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing: the tests read what the functions log."""


@contextmanager
def credentials_endpoint() -> Iterator[CredentialsEndpoint]:
    with CredentialsEndpoint() as endpoint:
        thread = threading.Thread(target=endpoint.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield endpoint
        finally:
            endpoint.shutdown()
            thread.join()
