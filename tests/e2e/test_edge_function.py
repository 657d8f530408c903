"""The function that CloudFront runs for each request, run by the browser's JavaScript engine."""

from __future__ import annotations

import json

import pytest

from tests.browser.chromium import find_chromium, open_page
from tests.contract.infrastructure import stack

PATHS = {
    "/v1/me": "/me",
    "/v1": "/",
    "/v1/": "/",
    "/me": "/me",
    "/": "/",
    "/v1me": "/v1me",
    "/v1/v1/me": "/v1/me",
    "/messages/1/reactions/%F0%9F%91%8D": "/messages/1/reactions/%F0%9F%91%8D",
}
FORGED = {"x-cgraph-viewer": {"value": "203.0.113.9"}, "authorization": {"value": "Bearer x"}}


@pytest.mark.parametrize("address", ["203.0.113.7", "2001:db8::7"])
def test_it_names_the_viewer_and_takes_the_version_from_the_path(address: str) -> None:
    code = stack("edge")["Resources"]["Viewer"]["Properties"]["FunctionCode"]
    events = [
        {"viewer": {"ip": address}, "request": {"uri": path, "headers": FORGED}} for path in PATHS
    ]
    page = f"""<script>{code}
    window.outcomes = {{requests: {json.dumps(events)}.map(handler)}};
    window.isDone = true;</script>"""
    requests = open_page(find_chromium(), "http://edge.example/", page)["requests"]
    assert requests == [
        {"uri": uri, "headers": {**FORGED, "x-cgraph-viewer": {"value": address}}}
        for uri in PATHS.values()
    ]
