"""Converts HTML to Markdown."""

from __future__ import annotations

from functools import cache
from urllib.parse import urljoin

from bs4 import BeautifulSoup
from markdownify import MarkdownConverter

MAX_DEPTH = 100


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


@cache
def _converter() -> MarkdownConverter:
    return MarkdownConverter(
        heading_style="atx",
        bullets="-",
        escape_misc=True,
    )


def _check_depth(soup: BeautifulSoup) -> None:
    depths: dict[int, int] = {id(soup): 0}
    for element in soup.find_all(True):
        depth = depths[id(element.parent)] + 1
        if depth > MAX_DEPTH:
            raise HtmlTooDeep
        depths[id(element)] = depth
