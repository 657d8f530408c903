"""What the fetcher of link previews accepts, and where it stops."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from cgraph.media.previews import fetching
from cgraph.media.previews.errors import PreviewFailed
from cgraph.media.previews.fetching import BYTES_AT_MOST, Fetched
from tests.web_pages import Answer, WebServer, redirect, reply, web_server

HTML = {"text/html": True}
PICTURE = {"image/png": False}
HELLO = "<title>Hello</title>"


def endless(connection: socket.socket, path: str) -> None:
    """A byte at a time, so that no single read takes long."""
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n")
    while True:
        connection.sendall(b"x")
        time.sleep(0.05)


def endless_headers(connection: socket.socket, path: str) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"x")
        time.sleep(0.05)


def huge(connection: socket.socket, path: str) -> None:
    """More than fits, and no length."""
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n<title>Huge</title>")
    while True:
        connection.sendall(b"y" * 65536)


@pytest.fixture(scope="module")
def server() -> Iterator[WebServer]:
    answers: dict[str, bytes | Answer] = {
        "/": reply(HELLO, type="text/html; charset=ISO-8859-1"),
        "/once": redirect("/"),
        "/thrice": redirect("/twice"),
        "/twice": redirect("/once"),
        "/loop": redirect("/loop"),
        "/nowhere": redirect(""),
        "/bad": redirect("http://[/"),
        "/file": reply(b"PK", type="application/zip"),
        "/untyped": b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi",
        "/packed": reply(b"\x1f\x8b", content_encoding="gzip"),
        "/large.png": reply(b"\x89" * (BYTES_AT_MOST + 1), type="image/png"),
        "/chunked": b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n"
        b"transfer-encoding: chunked\r\n\r\n5\r\nHello\r\n0\r\n\r\n",
        "/no-http": b"SSH-2.0-OpenSSH\r\n",
        "/endless": endless,
        "/endless-headers": endless_headers,
        "/huge": huge,
    }
    with web_server(answers) as running:
        yield running


def fetch(
    server: WebServer, path: str, *, accept: dict[str, bool] = HTML, seconds: float = 20.0
) -> Fetched:
    reach = replace(
        fetching.INTERNET,
        ports=frozenset({server.port}),
        is_allowed=lambda each: str(each) == server.address,
    )
    url = server.url + path
    return asyncio.run(fetching.fetch(url, accept=accept, egress=reach, seconds=seconds))


def test_a_page_is_fetched_with_its_encoding(server: WebServer) -> None:
    assert fetch(server, "/") == Fetched(
        f"{server.url}/", "text/html", "iso-8859-1", HELLO.encode()
    )
    request = server.requests[-1].lower()
    assert f"host: 127.0.0.1:{server.port}\r\n" in request
    assert "cookie" not in request
    assert "authorization" not in request


def test_three_redirects_are_followed(server: WebServer) -> None:
    assert fetch(server, "/thrice").url == f"{server.url}/"


def test_a_body_in_chunks_is_read(server: WebServer) -> None:
    assert fetch(server, "/chunked").body == b"Hello"


def test_of_a_page_that_does_not_end_the_beginning_is_read(server: WebServer) -> None:
    assert len(fetch(server, "/huge").body) == BYTES_AT_MOST


@pytest.mark.parametrize(
    ("path", "accept", "reason"),
    [
        ("/loop", HTML, "too_many_redirects"),
        ("/nowhere", HTML, "scheme"),
        ("/bad", HTML, "bad_url"),
        ("/file", HTML, "content_type"),
        ("/untyped", HTML, "content_type"),
        ("/packed", HTML, "content_encoding"),
        ("/large.png", PICTURE, "too_long"),
        ("/missing", HTML, "status"),
        ("/no-http", HTML, "unreachable"),
    ],
)
def test_what_is_no_page_is_refused(
    server: WebServer, path: str, accept: dict[str, bool], reason: str
) -> None:
    with pytest.raises(PreviewFailed) as failed:
        fetch(server, path, accept=accept)
    assert failed.value.reason == reason


@pytest.mark.parametrize("path", ["/endless", "/endless-headers"])
def test_a_server_that_answers_slowly_is_left_at_the_deadline(server: WebServer, path: str) -> None:
    with pytest.raises(PreviewFailed) as failed:
        fetch(server, path, seconds=1.0)
    assert failed.value.reason == "timeout"


def test_a_host_that_refuses_the_connection_is_unreachable() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nobody = WebServer("127.0.0.1", closed.getsockname()[1])
    with pytest.raises(PreviewFailed) as failed:
        fetch(nobody, "/")
    assert failed.value.reason == "unreachable"
