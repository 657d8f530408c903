"""HTML, as other systems keep it, to Markdown, as ours does."""

from __future__ import annotations

from functools import cache
from urllib.parse import urljoin

from bs4 import BeautifulSoup
from markdownify import MarkdownConverter

DEPTH_AT_MOST = 100


class TooDeep(ValueError):
    """Elements within elements, more than anybody writes by hand."""


class Converter:
    """`base`: where links without a host lead to; without it such links become their text."""

    def __init__(self, base: str | None) -> None:
        self._base = base

    def markdown(self, html: str) -> str:
        """Raises TooDeep."""
        soup = BeautifulSoup(html, "html.parser")
        _require_shallow(soup)
        for element in soup.find_all(["script", "style"]):
            element.decompose()
        if self._base is not None:
            for element in soup.find_all(["a", "img"]):
                name = "href" if element.name == "a" else "src"
                if element.get(name):
                    element[name] = urljoin(self._base, str(element[name]))
        return str(_converter().convert_soup(soup)).strip()


@cache
def _converter() -> MarkdownConverter:
    return MarkdownConverter(
        heading_style="atx",
        bullets="-",
        escape_misc=True,
    )


def _require_shallow(soup: BeautifulSoup) -> None:
    depths: dict[int, int] = {id(soup): 0}
    for element in soup.find_all(True):
        depth = depths[id(element.parent)] + 1
        if depth > DEPTH_AT_MOST:
            raise TooDeep
        depths[id(element)] = depth
