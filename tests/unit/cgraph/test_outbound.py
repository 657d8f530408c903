"""What a person gives as a URL reaches the internet only, at the address that was checked."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from ipaddress import ip_address

import pytest

from cgraph.core import outbound
from cgraph.core.outbound import AddressRefused, Egress, UrlRefused, parse_url
from cgraph.core.outbound_response import BadResponse

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
LOOPBACK = Egress(
    schemes=frozenset({"http"}), ports=None, is_allowed=lambda address: address.is_loopback
)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "0.0.0.0"),
        *("100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
        *("::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1"),
        *("::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:8.8.8.8%1"),
        *("64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2001:0:7f00:1::"),
    ],
)
def test_an_address_that_is_not_global_is_refused(address: str) -> None:
    assert not outbound.is_global(ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111"])
def test_a_global_address_is_allowed(address: str) -> None:
    assert outbound.is_global(ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        *("http://example.org/", "ftp://example.org/", "//example.org/", "example.org", "https://"),
        *("https://user@example.org/", "https://user:pw@example.org/", "https://example.org:22/"),
        *(
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://169.254.169.254/latest",
            "https://10.1.1.1",
        ),
        *(
            "https://example.org:99999/",
            "https://[::1/",
            "https://exa mple.org/",
            "https://ex\r\nHost: a/",
        ),
        *("https://example.org\\@evil.org/", "https://ex%61mple.org/", "https://exämple.org/"),
        "https://example.org/" + "a" * 2048,
    ],
)
def test_a_url_that_nobody_may_have_us_call_is_refused(url: str) -> None:
    with pytest.raises(UrlRefused):
        parse_url(url)


def test_a_url_has_an_origin_and_a_target() -> None:
    url = parse_url("https://Push.Example.org/send/abc?x=1#f")
    assert (url.origin, url.target) == ("https://push.example.org", "/send/abc?x=1")


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "localhost"])
async def test_other_spellings_of_this_machine_are_refused_before_a_connection(host: str) -> None:
    async with listening(lambda _: b"") as (port, connections):
        url = parse_url(f"https://{host}:{port}/", egress=Egress(ports=None))
        with pytest.raises(OSError):  # AddressRefused, or a name that does not resolve
            await outbound.request("GET", url, egress=Egress(ports=None), seconds=5)
    assert connections == []


async def test_a_name_is_resolved_once_and_the_checked_address_is_called(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A second answer of the name server would lead into a private network."""
    async with listening(lambda _: b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n") as (
        port,
        connections,
    ):
        answers = iter(["127.0.0.1"])

        async def rebinding(host: str, port: int, **options: object) -> list[object]:
            if host == "rebinding.test":
                return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port))]

        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", rebinding)
        url = parse_url(f"http://rebinding.test:{port}/", egress=LOOPBACK)
        response = await outbound.request("POST", url, body=b"x", egress=LOOPBACK)
    assert response.status == 201
    assert len(connections) == 1
    assert next(answers, None) is None


async def test_a_host_with_private_addresses_only_is_refused() -> None:
    with pytest.raises(AddressRefused):
        await outbound.resolve(parse_url("https://localhost/"))


async def test_no_more_of_a_body_is_read_than_wanted() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
    async with listening(lambda _: head + b"a" * 1_000_000) as (port, _):
        url = parse_url(f"http://127.0.0.1:{port}/", egress=LOOPBACK)
        response = await outbound.request("GET", url, response_bytes=100, egress=LOOPBACK)
    assert (response.body, response.is_cut) == (b"a" * 100, True)
    assert response.headers["content-type"] == "text/html"


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (
            CHUNKED + b"3\r\nabc\r\n2;x\r\nde\r\n0\r\n\r\n",
            b"abcde",
        ),
        (b"HTTP/1.1 103 Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", b"hi"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
    ],
)
async def test_bodies_are_read_however_they_are_framed(answer: bytes, body: bytes) -> None:
    async with listening(lambda _: answer) as (port, _):
        url = parse_url(f"http://127.0.0.1:{port}/", egress=LOOPBACK)
        assert (await outbound.request("GET", url, egress=LOOPBACK)).body == body


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 70_000 + b"\r\n\r\n",
        CHUNKED + b"zz\r\n",
        b"",
    ],
)
async def test_what_is_no_response_is_an_error(answer: bytes) -> None:
    async with listening(lambda _: answer) as (port, _):
        url = parse_url(f"http://127.0.0.1:{port}/", egress=LOOPBACK)
        with pytest.raises(BadResponse):
            await outbound.request("GET", url, egress=LOOPBACK)


async def test_a_host_that_never_answers_is_given_up() -> None:
    async with listening(None) as (port, _):
        url = parse_url(f"http://127.0.0.1:{port}/", egress=LOOPBACK)
        with pytest.raises(TimeoutError):
            await outbound.request("GET", url, seconds=0.1, egress=LOOPBACK)


@asynccontextmanager
async def listening(
    answer: Callable[[bytes], bytes] | None,
) -> AsyncIterator[tuple[int, list[bytes]]]:
    """Its port, and the heads of the requests that came."""
    heads: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        if answer is None:
            await reader.read()
        else:
            writer.write(answer(heads[-1]))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], heads
