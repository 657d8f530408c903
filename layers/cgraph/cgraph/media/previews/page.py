"""What a page says about itself: OpenGraph, Twitter's cards, or title and description."""

import codecs
import re
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from cgraph.core.text import clean_line
from cgraph.media.previews.errors import PreviewFailed
from cgraph.media.previews.links import normal_url

TITLE_AT_MOST = 200
DESCRIPTION_AT_MOST = 500
SITE_AT_MOST = 100

_TITLES = ("og:title", "twitter:title", "title")
_DESCRIPTIONS = ("og:description", "twitter:description", "description")
_SITES = ("og:site_name", "application-name")
_PICTURES = (
    "og:image:secure_url",
    "og:image:url",
    "og:image",
    "twitter:image",
    "twitter:image:src",
)
_KNOWN = frozenset((*_TITLES, *_DESCRIPTIONS, *_SITES, *_PICTURES))

_CHARSET = re.compile(
    rb"<meta[^>]{0,200}?charset\s{0,9}=\s{0,9}[\"']?([\w.:-]{1,40})", re.IGNORECASE
)
_CHARSET_WITHIN = 4096
_HTML_AT_MOST = 160 * 1024
"""Characters that are read: what a page says about itself stands before its text, and the time of
the parser grows with the square of the attributes of one tag."""

_OTHER_TAG = re.compile(r"</?(?!(?:meta|title|script|style)\b)[a-z][^<>]*>", re.IGNORECASE)
"""Without them nothing is nested: the time of a sanitiser grows with the square of the depth."""

_ENCODINGS = re.compile(
    r"utf-8|utf-16(-[lb]e)?|ascii|iso8859-\d+|cp125\d|cp874|cp932|cp949|koi8-[ru]|mac-\w+|big5|"
    r"euc_(jp|kr)|gb2312|gbk|gb18030|iso2022_jp|shift_jis|tis-620"
)
"""Python has others that are no encodings of pages, and some whose time grows with the square."""


@dataclass(frozen=True, slots=True)
class Page:
    """`picture`: a URL, None where the page names none that could be fetched."""

    title: str
    description: str
    site: str
    picture: str | None


def read_page(body: bytes, *, charset: str | None, url: str) -> Page:
    """`charset`: as the server says. `url`: where the page is. Raises PreviewFailed, where the page
    has no title.
    """
    facts = _facts(_decoded(body, charset)[:_HTML_AT_MOST])
    title = _first(facts, _TITLES, at_most=TITLE_AT_MOST)
    if not title:
        raise PreviewFailed("no_title")
    return Page(
        title=title,
        description=_first(facts, _DESCRIPTIONS, at_most=DESCRIPTION_AT_MOST),
        site=_first(facts, _SITES, at_most=SITE_AT_MOST) or urlsplit(url).hostname or "",
        picture=_picture(facts, url=url),
    )


def _facts(html: str) -> dict[str, str]:
    """The first of each. nh3 parses as browsers do, and leaves well-formed HTML of three elements:
    Python's own parser, which takes long for some malformed pages, reads only that.
    """
    import nh3  # only the fetcher needs it here

    reduced = nh3.clean(
        _OTHER_TAG.sub(" ", html),
        tags={"meta", "title"},
        attributes={"meta": {"name", "property", "content"}},
        clean_content_tags={"script", "style"},
        link_rel=None,
    )
    reader = _Reader()
    reader.feed(reduced)
    reader.close()
    return reader.facts


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.facts: dict[str, str] = {}
        self._is_title = False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self._is_title = tag == "title" and "title" not in self.facts
        if tag != "meta":
            return
        values = dict(attributes)
        name = (values.get("property") or values.get("name") or "").strip().lower()
        content = values.get("content")
        if content and name in _KNOWN:
            self.facts.setdefault(name, content)

    def handle_endtag(self, tag: str) -> None:
        self._is_title = False

    def handle_data(self, data: str) -> None:
        if self._is_title:
            self.facts["title"] = self.facts.get("title", "") + data


def _first(facts: dict[str, str], names: tuple[str, ...], *, at_most: int) -> str:
    for name in names:
        text = clean_line(facts.get(name, "")[: 10 * at_most], at_most=at_most)
        if text:
            return text
    return ""


def _picture(facts: dict[str, str], *, url: str) -> str | None:
    for name in _PICTURES:
        if address := facts.get(name, "").strip():
            try:
                return normal_url(urljoin(url, address))
            except (PreviewFailed, ValueError):
                continue
    return None


def _decoded(body: bytes, charset: str | None) -> str:
    """As its byte order mark, the server, the page, or nothing says; without an error."""
    for mark, marked in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if body.startswith(mark):
            return body[len(mark) :].decode(marked, "replace")
    found = _CHARSET.search(body[:_CHARSET_WITHIN])
    for name in (charset, found[1].decode("ascii", "replace") if found else None):
        if name and (encoding := _encoding(name)):
            return body.decode(encoding, "replace")
    return body.decode("utf-8", "replace")


def _encoding(name: str) -> str | None:
    """Of a label in a page; browsers read Latin-1 as Windows' code page."""
    try:
        known = codecs.lookup(name.strip()).name
    except (LookupError, ValueError):
        return None
    if known in ("iso8859-1", "ascii"):
        return "cp1252"
    return known if _ENCODINGS.fullmatch(known) else None
