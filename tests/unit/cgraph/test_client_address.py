"""Whose word is taken for a client's address."""

from collections.abc import Mapping
from typing import Any

import pytest

from cgraph.core.addresses import client_address
from cgraph.core.errors import EdgeRequired

KEYS = "1.old,2.new"
FORGED = {"x-forwarded-for": "203.0.113.9", "cloudfront-viewer-address": "203.0.113.9:443"}


def request_event(*, keys: str | None = KEYS, **headers: str) -> dict[str, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    variables = {} if keys is None else {"stageVariables": {"EdgeKeys": keys}}
    return {
        "headers": named,
        "requestContext": {"http": {"sourceIp": "198.51.100.1"}},
        **variables,
    }


def test_without_an_edge_it_is_what_the_gateway_sees_whatever_headers_claim() -> None:
    claims = {**FORGED, "x-cgraph-viewer": "203.0.113.9", "x-cgraph-edge": ""}
    assert client_address(request_event(keys=None, **claims)) == "198.51.100.1"


@pytest.mark.parametrize("key", ["1.old", "2.new"])
@pytest.mark.parametrize("address", ["203.0.113.7", "2001:db8::7"])
def test_behind_an_edge_it_is_what_the_edge_says_with_either_key(key: str, address: str) -> None:
    event = request_event(**FORGED, x_cgraph_edge=key, x_cgraph_viewer=address)
    assert client_address(event) == address


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x_cgraph_viewer": "203.0.113.7"},
        {"x_cgraph_viewer": "203.0.113.7", "x_cgraph_edge": ""},
        {"x_cgraph_viewer": "203.0.113.7", "x_cgraph_edge": "1.ol"},
        {"x_cgraph_viewer": "203.0.113.7", "x_cgraph_edge": "1.old,2.new"},
        {"x_cgraph_viewer": "203.0.113.7", "x_cgraph_edge": "1.öld"},
        {"x_cgraph_viewer": "203.0.113.7", "x_cgraph_edge": "\udcff"},
        {"x_cgraph_edge": "1.old"},
        {"x_cgraph_viewer": "203.0.113.7,203.0.113.8", "x_cgraph_edge": "1.old"},
        {"x_cgraph_viewer": "203.0.113.7:443", "x_cgraph_edge": "1.old"},
        {"x_cgraph_viewer": "203.0.113.7\0", "x_cgraph_edge": "1.old"},
    ],
)
def test_what_passes_the_edge_by_is_refused(headers: Mapping[str, str]) -> None:
    with pytest.raises(EdgeRequired):
        client_address(request_event(**headers))


def test_a_socket_has_no_edge() -> None:
    event = {
        "headers": {**FORGED, "x-cgraph-viewer": "203.0.113.9", "x-cgraph-edge": "1.old"},
        "requestContext": {"identity": {"sourceIp": "192.0.2.4"}},
    }
    assert client_address(event) == "192.0.2.4"
