"""S11: no link makes the fetcher of link previews send a packet to a private network.

Listeners on this machine count who connects. The ports that the fetcher may use are theirs here, so
that only the check of addresses stands between them and the links.
"""

from __future__ import annotations

import asyncio
import html
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv6Address
from itertools import cycle
from typing import Any
from uuid import uuid4

import pytest

from cgraph.core.outbound import Egress, is_global
from cgraph.media.previews import fetching, pictures, worker
from cgraph.media.previews.errors import PreviewFailed
from cgraph.media.previews.models import FetchJob, FetchResult
from tests.conftest import Report
from tests.web_pages import WebServer, redirect, reply, web_server

HTML = {"text/html": True}
PAGE = reply("<title>The inside</title>")

HOSTS = (
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "017700000001",
    "127.000.000.001",
    "0.0.0.0",
    "0",
    "localhost",
    "localhost.",
    "LOCALHOST",
    "%6cocalhost",
    "127.0.0.1%00.example",
    "①②⑦.⓪.⓪.①",
    "127\u30020\u30020\u30021",
    "[::1]",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[::ffff:0:127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2001:0:7f00:1::]",
    "[2001:db8::1]",
    "[fe80::1]",
    "[fe80::1%25lo]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[fec0::1]",
    "[ff02::1]",
    "[2606:4700::5efe:7f00:1]",
    "169.254.169.254",
    "2852039166",
    "0xa9fea9fe",
    "[::ffff:169.254.169.254]",
    "169.254.170.2",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.0.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "user@127.0.0.1",
    "example.org@127.0.0.1",
    "127.0.0.1\\@example.org",
    "127.0.0.1#@example.org",
)
SCHEMES = ("file", "ftp", "gopher", "dict", "ldap", "unix", "data", "jar")


@dataclass(frozen=True, slots=True)
class Inside:
    """The listeners of this machine, on all of its addresses and on IPv6's own."""

    servers: tuple[WebServer, ...]

    @property
    def connections(self) -> int:
        return sum(server.connections for server in self.servers)

    @property
    def port(self) -> int:
        return self.servers[0].port

    def egress(self, is_allowed: Callable[[Any], bool]) -> Egress:
        ports = frozenset({80, 443, *(server.port for server in self.servers)})
        return replace(fetching.INTERNET, ports=ports, is_allowed=is_allowed)


@pytest.fixture
def inside() -> Iterator[Inside]:
    with ExitStack() as stack:
        servers = [stack.enter_context(web_server({"/": PAGE}, "0.0.0.0"))]
        if socket.has_ipv6:
            servers.append(stack.enter_context(web_server({"/": PAGE}, "::1", servers[0].port)))
        yield Inside(tuple(servers))


def links(port: int) -> list[str]:
    return [
        *(f"http://{host}:{port}/" for host in HOSTS),
        *(f"{scheme}://127.0.0.1:{port}/" for scheme in SCHEMES),
    ]


def fetch_all(urls: list[str], egress: Egress) -> list[str]:
    """Why each failed; `fetched` where it did not."""

    async def outcome(url: str) -> str:
        try:
            await fetching.fetch(url, accept=HTML, egress=egress, seconds=3)
        except PreviewFailed as failed:
            return failed.reason
        return "fetched"

    async def all_outcomes() -> list[str]:
        return await asyncio.gather(*map(outcome, urls))

    return asyncio.run(all_outcomes())


def test_no_link_reaches_a_private_network(inside: Inside, report: Report) -> None:
    urls = links(inside.port)
    outcomes = fetch_all(urls, inside.egress(is_global))
    assert set(outcomes) <= {"address", "scheme", "bad_url", "unknown_host"}, [
        pair for pair in zip(urls, outcomes, strict=True) if pair[1] == "unreachable"
    ]
    assert inside.connections == 0
    report("Links to private networks", tried=len(urls), connections=inside.connections)


def test_no_redirect_reaches_a_private_network(inside: Inside) -> None:
    urls = links(inside.port)
    answers = {f"/{number}": redirect(url) for number, url in enumerate(urls)}
    door = IPv4Address("127.0.0.9")
    with web_server(answers, str(door)) as outside:
        egress = inside.egress(lambda each: each == door or is_global(each))
        egress = replace(egress, ports=frozenset({*(egress.ports or ()), outside.port}))
        fetch_all([f"{outside.url}/{number}" for number in range(len(urls))], egress)
    assert outside.connections == len(urls)
    assert inside.connections == 0


def test_a_name_that_changes_its_address_reaches_none_that_was_not_checked(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name server answers with a public address first, and with this machine's ever after."""
    answers = cycle(["192.0.2.9", "127.0.0.1", "127.0.0.1", "127.0.0.1"])
    asked: list[str] = []
    real = socket.getaddrinfo

    def rebinding(host: Any, port: Any, *rest: Any, **options: Any) -> Any:
        if host != "rebinding.example":
            return real(host, port, *rest, **options)
        asked.append(host)
        return real(next(answers), port, *rest, **options)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    public = IPv4Address("192.0.2.9")
    egress = inside.egress(lambda each: each == public or is_global(each))
    fetch_all([f"http://rebinding.example:{inside.port}/"], egress)
    assert asked == ["rebinding.example"]
    assert inside.connections == 0


def picture_pages(urls: list[str]) -> dict[str, bytes]:
    """Pages that name these pictures, in every way in which a page can."""
    names = cycle(["og:image", "og:image:url", "og:image:secure_url", "twitter:image"])
    return {
        f"/{number}": reply(
            f"<title>T</title><meta property='{name}' content='{html.escape(url, quote=True)}'>"
        )
        for number, (url, name) in enumerate(zip(urls, names, strict=False))
    }


def previews_of(
    pages: dict[str, bytes], inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> tuple[list[FetchResult], WebServer]:
    """What the worker says about pages of a server that it may call, with this machine's inside
    around it.
    """
    door = IPv4Address("127.0.0.9")
    with web_server(pages, str(door)) as outside:
        egress = inside.egress(lambda each: each == door or is_global(each))
        egress = replace(egress, ports=frozenset({*(egress.ports or ()), outside.port}))
        monkeypatch.setattr(worker, "EGRESS", egress)

        async def all_results() -> list[FetchResult]:
            jobs = [FetchJob(id=uuid4(), url=f"{outside.url}{path}") for path in pages]
            return await asyncio.gather(*map(worker.preview_of, jobs))

        return asyncio.run(all_results()), outside


def test_no_picture_of_a_page_is_fetched_from_a_private_network(
    inside: Inside, monkeypatch: pytest.MonkeyPatch, report: Report
) -> None:
    urls = links(inside.port)
    results, _ = previews_of(picture_pages(urls), inside, monkeypatch)
    assert {(each.title, each.picture) for each in results} == {("T", None)}
    assert inside.connections == 0
    report("Pictures of private networks", tried=len(urls), connections=inside.connections)


def test_no_redirect_of_a_picture_reaches_a_private_network(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    urls = links(inside.port)
    pages = picture_pages([f"/picture{number}" for number in range(len(urls))])
    moved = {f"/picture{number}": redirect(url) for number, url in enumerate(urls)}
    results, outside = previews_of({**pages, **moved}, inside, monkeypatch)
    assert outside.connections >= 2 * len(urls), "the pictures were asked for"
    assert not [each for each in results if each.picture is not None]
    assert inside.connections == 0


def test_a_fetcher_of_pictures_that_checks_no_address_is_caught(
    inside: Inside,
) -> None:
    everywhere = inside.egress(lambda address: True)
    asyncio.run(pictures.fetch_picture(f"http://127.0.0.1:{inside.port}/", egress=everywhere))
    assert inside.connections == 1


def test_a_fetcher_that_checks_no_address_is_caught(inside: Inside) -> None:
    fetch_all(links(inside.port), inside.egress(lambda address: True))
    assert inside.connections > 10


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "93.184.215.14", "2606:4700::1111", "2a00:1450:4001::200e"]
)
def test_addresses_of_the_internet_are_public(address: str) -> None:
    parsed = IPv6Address(address) if ":" in address else IPv4Address(address)
    assert is_global(parsed)


@pytest.mark.parametrize(
    "address",
    [
        *("0.1.2.3", "100.64.0.1", "192.0.0.9", "192.0.2.1", "192.88.99.1", "198.19.255.255"),
        *("198.51.100.1", "203.0.113.1", "239.1.1.1", "240.0.0.1", "168.63.129.16"),
        *("100::1", "2001::1", "2001:2::1", "2001:20::1", "2001:db8::1", "2002::1", "3fff::1"),
        *("4000::1", "5f00::1", "64:ff9b::808:808", "::8.8.8.8", "::ffff:8.8.8.8", "fec0::1"),
    ],
)
def test_addresses_for_special_purposes_are_not_public(address: str) -> None:
    assert not is_global(IPv6Address(address) if ":" in address else IPv4Address(address))
