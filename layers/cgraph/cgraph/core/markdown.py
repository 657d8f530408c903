"""Renders Markdown to HTML that is safe in any page."""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

LINES = ("br", "hr", "p", "h1", "h2", "h3", "h4", "h5", "h6")
BLOCKS = ("blockquote", "pre", "ol", "ul", "li")
WORDS = ("a", "code", "em", "strong")
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}, "code": {"class"}}
SCHEMES = frozenset(("http", "https", "mailto"))
REL = "nofollow ugc noopener"


def render(markdown: str) -> str:
    """CommonMark without raw HTML, sanitised: links lead to http, https or mail and are `nofollow`.
    A picture becomes a link to it, since showing it would tell its server who reads the page.
    """
    import nh3  # slow to import, and only writes need it

    return nh3.clean(
        _commonmark().render(markdown),
        tags={*LINES, *BLOCKS, *WORDS},
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        url_schemes=set(SCHEMES),
        url_relative="deny",
        link_rel=REL,
    )


@cache
def _commonmark() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False})
    parser.add_render_rule("image", _as_link)
    return parser


def _as_link(renderer: Any, tokens: "Sequence[Token]", at: int, options: Any, _env: Any) -> str:
    from markdown_it.common.utils import escapeHtml

    image = tokens[at]
    label = renderer.renderInlineAsText(image.children or [], options, _env) or "image"
    return f'<a href="{escapeHtml(str(image.attrs["src"]))}">{escapeHtml(label)}</a>'
