"""What a served object says about itself, whatever its name."""

import re
from urllib.parse import unquote

import pytest

from cgraph.media.headers import content_disposition, object_headers

HOSTILE = [
    'a".html',
    "a\r\nSet-Cookie: x=1",
    "a; filename=b.exe",
    "../../etc/passwd",
    "..\\..\\a.exe",
    "%2e%2e%2fa",
    "a\x00b.png",
    "\u202egnp.exe",
    "日本語.pdf",
    "ü" * 400 + ".pdf",
    "a\ud800b",
    "",
    "'; DROP TABLE uploads",
]

FORM = re.compile(
    r"""(inline|attachment);\ filename="[A-Za-z0-9!\#$&+.^_`|~\ ()\[\]{},=@-]+"
        (;\ filename\*=UTF-8''[A-Za-z0-9%._~-]+)?""",
    re.VERBOSE,
)


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_ends_its_parameter_or_the_header(name: str) -> None:
    value = content_disposition(name, is_shown=False)
    assert FORM.fullmatch(value), value
    assert "/" not in unquote(value.partition("''")[2])
    assert len(value) < 800


def test_a_usual_name_is_given_once() -> None:
    value = content_disposition("Report 2026 (final).pdf", is_shown=False)
    assert value == 'attachment; filename="Report 2026 (final).pdf"'


def test_a_long_name_keeps_its_ending() -> None:
    value = content_disposition("ü" * 400 + ".pdf", is_shown=False)
    assert unquote(value.partition("''")[2]).endswith("ü.pdf")


@pytest.mark.parametrize(
    "content_type", ["text/html", "image/svg+xml", "application/pdf", "text/xml", "image/x-icon"]
)
@pytest.mark.parametrize("is_shown", [True, False])
def test_what_a_browser_could_run_is_downloaded_without_its_type(
    content_type: str, is_shown: bool
) -> None:
    headers = object_headers(
        filename="a", content_type=content_type, is_shown=is_shown, is_public=False
    )
    assert headers["ContentType"] == "application/octet-stream"
    assert headers["ContentDisposition"].startswith("attachment;")


def test_a_picture_is_shown() -> None:
    headers = object_headers(
        filename="a.webp", content_type="image/webp", is_shown=True, is_public=True
    )
    assert headers == {
        "ContentType": "image/webp",
        "ContentDisposition": 'inline; filename="a.webp"',
        "CacheControl": "public, max-age=31536000, s-maxage=60, immutable",
    }
