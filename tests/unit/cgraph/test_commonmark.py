"""The examples of the CommonMark specification 0.31.2 (John MacFarlane, CC BY-SA 4.0)."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from cgraph.core.markdown import REL, render

EXAMPLES = json.loads(Path(__file__).with_name("commonmark_0.31.2.json").read_text("utf-8"))

DIFFERENT = {
    "raw HTML is text": {
        21, 31, *range(148, 192), 201, 308, 309, 344, 475, 476, 477, 491, 494, 524, 536,
        *range(613, 618), 623, *range(625, 632), 642, 643,
    },
    "bare addresses are links": {602, 608, 611, 612},
    "the name of a language has letters": {144},
}  # fmt: skip
"""Numbers of the examples that we render otherwise, and why."""

_LINK = re.compile(r'<a href="([^"]*)"( title="[^"]*")?>(.*?)</a>', re.DOTALL)
_PICTURE = re.compile(r'<img src="([^"]*)" alt="([^"]*)"( title="[^"]*")?>')
_ALIVE = re.compile("https?://[^/]|mailto:.", re.IGNORECASE)


def in_our_dialect(html: str) -> str:
    """Links that lead nowhere are text, the others have a `rel`; pictures are links."""

    def link(found: re.Match[str]) -> str:
        address, title, label = found[1], found[2] or "", found[3]
        if not _ALIVE.match(address):
            return label
        return f'<a href="{address}"{title} rel="{REL}">{label or address}</a>'

    def picture(found: re.Match[str]) -> str:
        address, label, title = found[1], found[2] or "image", found[3] or ""
        return f'<a href="{address}"{title}>{label}</a>' if _ALIVE.match(address) else label

    pictures_are_links = _PICTURE.sub(picture, html.replace(" />", ">"))
    return _LINK.sub(link, pictures_are_links).replace("&quot;", '"')


def is_as_specified(example: Any) -> bool:
    html = render(example["markdown"]).html.replace("&nbsp;", "\xa0")
    return html == in_our_dialect(example["html"])


def test_the_specification_is_complete() -> None:
    assert [example["example"] for example in EXAMPLES] == list(range(1, 653))


@pytest.mark.parametrize("section", dict.fromkeys(example["section"] for example in EXAMPLES))
def test_examples_of_commonmark_render_as_specified(section: str) -> None:
    """But for those that are listed, each of which does differ."""
    different = set().union(*DIFFERENT.values())
    for example in EXAMPLES:
        if example["section"] == section:
            is_different = example["example"] in different
            assert is_as_specified(example) is not is_different, example
