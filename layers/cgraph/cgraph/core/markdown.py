"""Renders Markdown to HTML that is safe in any page; docs/markdown.md describes the dialect.

Three steps, each in time that grows with the length of the text: comrak parses it and writes HTML,
`SafeHtml` writes what our dialect shows of that, and nh3 checks the result against an allowlist.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from cgraph.core.bidi import balanced, without_excess
from cgraph.core.mentions import mentioned_names

TAGS_AT_MOST = 20_000
"""In the HTML of one text, which is otherwise shown as it is written."""

BYTES_A_CHARACTER, BYTES_ALWAYS = 8, 1000
"""Of HTML; a text with more is shown as it is written. Short addresses would make 40 KB of a
message, and a page of a hundred such messages could not be answered.
"""

DIRECTIVES_AT_MOST = 200
"""`:::` in one text; with more they mean nothing. The parser's time grows with their square."""

LINES = ("br", "hr", "p", "h1", "h2", "h3", "h4", "h5", "h6")
BLOCKS = ("blockquote", "details", "li", "ol", "pre", "summary", "ul")
TABLES = ("table", "tbody", "td", "th", "thead", "tr")
WORDS = ("a", "code", "del", "em", "span", "strong", "sub", "sup")
ATTRIBUTES = {
    "a": {"href", "title"},
    "code": {"class"},
    "ol": {"start"},
    "td": {"align"},
    "th": {"align"},
}
CLASSES = {"details": {"spoiler"}, "span": {"spoiler"}}
SCHEMES = frozenset(("http", "https", "mailto"))
REL = "nofollow ugc noopener"


_DEAD_LINK = re.compile(r"<a (?!href)[^>]*>(.*?)</a>", re.DOTALL)
"""Its address is none: nh3 has removed that."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A text as its readers see it.

    `html`: sanitised. `text`: without any formatting, a line for each block; the titles of links
    come last. `links`: the addresses of links and pictures, also of those that our HTML shows as
    text only. `mentions`: as `mentioned_names` returns them; none are in code or in a link.
    """

    html: str
    text: str
    links: list[str]
    mentions: list[str]


def render(markdown: str) -> Rendered:
    """Links lead to http, https or mail and are `nofollow`. A picture becomes a link to it, since
    showing it would tell its server who reads the page.
    """
    from cgraph.core.safe_html import SafeHtml  # only writes need it

    source = without_excess(markdown)
    document = _parser(source.count(":::") <= DIRECTIVES_AT_MOST)(source)
    if document.count("<") > TAGS_AT_MOST:
        return _plain(source)
    page = SafeHtml(document)
    html = _sanitizer()(page.html())
    if len(html.encode()) > BYTES_ALWAYS + BYTES_A_CHARACTER * len(markdown):
        return _plain(source)
    return Rendered(
        html=html,
        text=page.text(),
        links=page.links,
        mentions=mentioned_names(page.text_for_mentions()),
    )


def _plain(text: str) -> Rendered:
    from html import escape

    html = f"<p>{escape(balanced(text), quote=False)}</p>\n"
    return Rendered(html, text, links=[], mentions=mentioned_names(text))


@cache
def _parser(with_directives: bool) -> Callable[[str], str]:
    """Returns a function from Markdown to HTML, in which raw HTML is escaped."""
    import comrak  # only writes need it

    extensions = comrak.ExtensionOptions(
        autolink=True,
        block_directive=with_directives,
        cjk_friendly_emphasis=True,
        spoiler=True,
        strikethrough=True,
        subscript=True,
        superscript=True,
        table=True,
        tasklist=True,
    )
    parsing, rendering = comrak.ParseOptions(), comrak.RenderOptions(escape=True)
    return lambda markdown: comrak.markdown_to_html(markdown, extensions, parsing, rendering)


@cache
def _sanitizer() -> Callable[[str], str]:
    import nh3  # slow to import, and only writes need it

    cleaner = nh3.Cleaner(
        tags={*LINES, *BLOCKS, *TABLES, *WORDS},
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        allowed_classes={tag: set(names) for tag, names in CLASSES.items()},
        url_schemes=set(SCHEMES),
        link_rel=REL,
    )
    return lambda html: _DEAD_LINK.sub(r"\1", cleaner.clean(html))
