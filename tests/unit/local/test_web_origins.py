"""Which origins of web pages the local cloud admits."""

import pytest

from cgraph_local.cloud.template_parameters import web_origins


def test_no_page_is_admitted_by_default() -> None:
    assert web_origins({}) == web_origins({"CGRAPH_WEB_ORIGINS": ""}) == ""


@pytest.mark.parametrize(
    "text",
    [
        "http://localhost:5173",
        "https://app.example",
        "http://[::1]:8080",
        "http://localhost:5173,http://127.0.0.1:3000",
    ],
)
def test_named_origins_are_admitted(text: str) -> None:
    assert web_origins({"CGRAPH_WEB_ORIGINS": text}) == text


@pytest.mark.parametrize(
    "text",
    [
        *("*", "http://*", "https://*.example", "localhost:5173", "http://localhost:5173/", "null"),
        *("http://localhost, http://a.example", "http://LOCALHOST", "http://u@a.example", ","),
        *("file://", "http://a.example/path", "ws://localhost:5173"),
    ],
)
def test_what_is_no_origin_is_refused_and_so_are_all_origins(text: str) -> None:
    with pytest.raises(ValueError, match="CGRAPH_WEB_ORIGINS"):
        web_origins({"CGRAPH_WEB_ORIGINS": text})
