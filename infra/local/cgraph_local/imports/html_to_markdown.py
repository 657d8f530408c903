"""Converts HTML to Markdown: only what our dialect (docs/markdown.md) shows."""

from __future__ import annotations

import re
from functools import cache
from typing import Any
from urllib.parse import urljoin

from bs4 import BeautifulSoup
from markdownify import MarkdownConverter

MAX_DEPTH = 100

_BASE: Any = MarkdownConverter  # its types do not name its methods

_ADDRESS = re.compile(r"((?:https?://|www\.)[^\s<>]+)")
_BARE_PIPE = re.compile(r"(?<!\\)\|")


class HtmlTooDeep(ValueError):
    """Elements are nested deeper than MAX_DEPTH."""


class HtmlConverter:
    """`base_url`: the base of links without a host. Without it such links become their text."""

    def __init__(self, base_url: str | None) -> None:
        self._base_url = base_url

    def markdown(self, html: str) -> str:
        """Raises HtmlTooDeep."""
        soup = BeautifulSoup(html, "html.parser")
        _check_depth(soup)
        for element in soup.find_all(["script", "style"]):
            element.decompose()
        if self._base_url is not None:
            for element in soup.find_all(["a", "img"]):
                name = "href" if element.name == "a" else "src"
                if element.get(name):
                    element[name] = urljoin(self._base_url, str(element[name]))
        return str(_converter().convert_soup(soup)).strip()


class _DialectConverter(MarkdownConverter):
    """Its methods are called by the names of elements, with the Markdown of their content."""

    def escape(self, text: str, parent_tags: set[str]) -> str:
        """Bare addresses become links, in which a backslash would be part of the address."""
        parts = [text] if "a" in parent_tags else _ADDRESS.split(text)
        parts[::2] = (self._escape_words(part, parent_tags) for part in parts[::2])
        return "".join(parts)

    def _escape_words(self, text: str, parent_tags: set[str]) -> str:
        escaped = str(_BASE.escape(self, text, parent_tags))
        return escaped.replace("^", "\\^").replace(":::", "\\:::")

    def convert_sub(self, element: Any, text: str, parent_tags: set[str]) -> str:
        return _marked(text, "~", parent_tags)

    def convert_sup(self, element: Any, text: str, parent_tags: set[str]) -> str:
        return _marked(text, "^", parent_tags)

    def convert_strike(self, element: Any, text: str, parent_tags: set[str]) -> str:
        return str(_BASE.convert_del(self, element, text, parent_tags))

    def convert_blockquote(self, element: Any, text: str, parent_tags: set[str]) -> str:
        if "spoiler" in (element.get("class") or ()) and "_inline" not in parent_tags:
            return _spoiler(element, "", text)
        return str(_BASE.convert_blockquote(self, element, text, parent_tags))

    def convert_details(self, element: Any, text: str, parent_tags: set[str]) -> str:
        summary = element.find("summary", recursive=False)
        title = "" if summary is None else " ".join(summary.get_text().split())
        return f"{title} {text}" if "_inline" in parent_tags else _spoiler(element, title, text)

    def convert_summary(self, element: Any, text: str, parent_tags: set[str]) -> str:
        return "" if element.parent.name == "details" else text

    def convert_td(self, element: Any, text: str, parent_tags: set[str]) -> str:
        return str(_BASE.convert_td(self, element, _BARE_PIPE.sub(r"\\|", text), parent_tags))

    def convert_th(self, element: Any, text: str, parent_tags: set[str]) -> str:
        return str(_BASE.convert_th(self, element, _BARE_PIPE.sub(r"\\|", text), parent_tags))

    def convert_dt(self, element: Any, text: str, parent_tags: set[str]) -> str:
        return f"\n\n{text.strip()}\n\n"

    convert_dd = convert_dt


@cache
def _converter() -> MarkdownConverter:
    return _DialectConverter(
        heading_style="atx",
        bullets="-",
        escape_misc=True,
        code_language_callback=_language,
    )


def _marked(text: str, mark: str, parent_tags: set[str]) -> str:
    """Subscripts and superscripts contain no space: those that do become their text."""
    is_plain = "_noformat" in parent_tags or not text or any(map(str.isspace, text))
    return text if is_plain else f"{mark}{text}{mark}"


def _spoiler(element: Any, title: str, text: str) -> str:
    """Its fence is longer than those of the spoilers in it."""
    inner = element.find_all(["details", "blockquote"])
    fence = ":" * (3 + len(inner))
    return f"\n\n{fence} spoiler {title}".rstrip() + f"\n{text.strip()}\n{fence}\n\n"


def _language(element: Any) -> str | None:
    """Of a `pre` element, or the `code` in it: `lang-py` and `language-py` are `py`."""
    code = element.find("code", recursive=False)
    names = [*(element.get("class") or ()), *((code and code.get("class")) or ())]
    prefixes = ("lang-", "language-")
    return next((name.partition("-")[2] for name in names if name.startswith(prefixes)), None)


def _check_depth(soup: BeautifulSoup) -> None:
    depths: dict[int, int] = {id(soup): 0}
    for element in soup.find_all(True):
        depth = depths[id(element.parent)] + 1
        if depth > MAX_DEPTH:
            raise HtmlTooDeep
        depths[id(element)] = depth
