"""A small HTTP client: one request after the other over one connection."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from cgraph.core.http_connection import HttpConnection
from cgraph.core.http_response import InvalidResponse, Response

EMPTY = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


@contextmanager
def answering(*answers: Sequence[bytes]) -> Iterator[tuple[HttpConnection, Future[list[bytes]]]]:
    """A connection to a server that accepts one, answers each request with these pieces, and then
    closes it; and the requests that it got.
    """
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as thread:
        requests = thread.submit(_serve, server, answers)
        connection = HttpConnection("http", f"127.0.0.1:{server.getsockname()[1]}")
        try:
            yield connection, requests
        finally:
            connection.close()


def _serve(server: socket.socket, answers: Sequence[Sequence[bytes]]) -> list[bytes]:
    client, _ = server.accept()
    requests = []
    with client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for answer in answers:
            requests.append(client.recv(65_536))
            for piece in answer:
                client.sendall(piece)
    return requests


def post(connection: HttpConnection, *, timeout: float = 5) -> Response:
    return connection.request("POST", "/", b"{}", {"host": "here"}, timeout=timeout)


def test_requests_follow_one_another_over_one_connection() -> None:
    whole = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
    with answering([whole], [whole[:20], whole[20:42], whole[42:]]) as (connection, requests):
        assert post(connection) == post(connection) == (200, b"hello", False)
        expected = b"POST / HTTP/1.1\r\nhost: here\r\ncontent-length: 2\r\n\r\n{}"
        assert requests.result(5) == [expected, expected]


def test_a_chunked_answer_is_put_together() -> None:
    head = b"HTTP/1.1 503 Busy\r\nTransfer-Encoding: chunked\r\n\r\n"
    with answering([head, b"3\r\nabc\r\n2\r", b"\nde\r\n0\r\n\r\n"]) as (connection, _):
        assert post(connection) == (503, b"abcde", False)


def test_an_answer_that_says_so_is_the_last_of_its_connection() -> None:
    with answering([EMPTY.replace(b"OK\r\n", b"OK\r\nConnection: close\r\n")]) as (connection, _):
        assert post(connection).is_last
        with pytest.raises(OSError):  # a new connection, which the server does not accept
            post(connection, timeout=0.1)


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"])
def test_an_answer_that_ends_too_early_is_an_error(answer: bytes) -> None:
    with answering([answer]) as (connection, _), pytest.raises(ConnectionResetError):
        post(connection)


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1 two OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx: " + b"x" * 70_000,
    ],
)
def test_what_is_no_http_is_an_error(answer: bytes) -> None:
    with answering([answer]) as (connection, _), pytest.raises(InvalidResponse):
        post(connection)


def test_an_answer_that_does_not_come_is_a_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        connection = HttpConnection("http", f"127.0.0.1:{server.getsockname()[1]}")
        with pytest.raises(TimeoutError):
            post(connection, timeout=0.05)
        connection.close()
