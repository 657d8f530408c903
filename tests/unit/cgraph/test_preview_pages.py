"""What a preview shows of a page."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest

from cgraph.media.previews.errors import PreviewFailed
from cgraph.media.previews.links import preview_links
from cgraph.media.previews.page import Page, read_page

URL = "https://news.example/articles/1"


def read(html: str | bytes, charset: str | None = None) -> Page:
    body = html.encode() if isinstance(html, str) else html
    return read_page(body, charset=charset, url=URL)


def test_opengraph_comes_before_twitter_and_the_title() -> None:
    page = read("""<!doctype html><html><head><title>Plain</title>
        <meta name="description" content="plain"><meta name="twitter:title" content="Card">
        <meta property="og:title" content="Graph &amp; co">
        <meta property="og:description" content="D">
        <meta property="og:site_name" content="News"><meta property="og:image" content="/p.png">
        </head><body>Text</body></html>""")
    assert page == Page("Graph & co", "D", "News", "https://news.example/p.png")


def test_a_page_without_cards_shows_its_title_and_description_and_host() -> None:
    page = read("<title> A\n title </title><meta name=description content='About it'>")
    assert page == Page("A title", "About it", "news.example", None)


def test_texts_are_cut_and_cleaned() -> None:
    page = read(f"<title>\u202egnp.exe\x00{'x' * 1000}</title>")
    assert page.title.startswith("gnp.exe")
    assert len(page.title) <= 200
    assert "\u202e" not in page.title


@pytest.mark.parametrize(
    "picture", ["javascript:alert(1)", "data:image/png;base64,AA", "http://[", "ftp://a/b"]
)
def test_a_picture_that_is_no_page_of_the_web_is_left_out(picture: str) -> None:
    assert read(f'<title>T</title><meta property="og:image" content="{picture}">').picture is None


@pytest.mark.parametrize(
    ("body", "charset"),
    [
        ("<title>Grüße</title>".encode("latin-1"), "iso-8859-1"),
        ('<meta charset="windows-1252"><title>Grüße</title>'.encode("cp1252"), None),
        ("<title>Grüße</title>".encode(), "no-such-charset"),
        ("<title>Grüße</title>".encode(), "rot13"),
        ("\ufeff<title>Grüße</title>".encode("utf-16-le"), "utf-8"),
    ],
)
def test_the_encoding_is_that_of_the_mark_the_server_or_the_page(
    body: bytes, charset: str | None
) -> None:
    assert read(body, charset).title == "Grüße"


@pytest.mark.parametrize(
    "html", ["", "<p>text", "<script><title>no</title></script>", "\x00", "<title> </title>"]
)
def test_a_page_without_a_title_has_no_preview(html: str) -> None:
    with pytest.raises(PreviewFailed, match="no_title"):
        read(html)


@pytest.mark.parametrize(
    "piece",
    ["<!--", "<a b='", "<![CDATA[", "<div>", "<meta ", "</", "<svg><title>", "&#", "<style>"],
)
def test_a_malformed_page_costs_little(piece: str) -> None:
    begun = time.thread_time()
    with suppress(PreviewFailed):
        read(piece * (512 * 1024 // len(piece)))
    assert time.thread_time() - begun < 10, "its time grows with the square of its length"


def test_a_tag_with_many_attributes_costs_little() -> None:
    begun = time.thread_time()
    with pytest.raises(PreviewFailed):
        read("<meta " + " ".join(f"<a{n}" for n in range(30_000)))
    assert time.thread_time() - begun < 10


def test_the_links_of_a_text_are_those_of_the_web_each_once_and_at_most_five() -> None:
    assert preview_links(
        [
            "mailto:a@b.example",
            "http://A.example",
            "http://a.example/",
            "https://bücher.example/ü?q=ü",
            "http://user@b.example",
            "https://c.example:443/x#part",
            *(f"http://d.example/{n}" for n in range(9)),
        ]
    ) == [
        "http://a.example/",
        "https://xn--bcher-kva.example/%C3%BC?q=%C3%BC",
        "https://c.example/x",
        "http://d.example/0",
        "http://d.example/1",
    ]
