"""Rewrites the HTML of the Markdown parser: what our dialect shows of it, and what it says."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape, unescape

from cgraph.core.bidi import balanced

MAX_DEPTH = 32
"""Elements within one another, of which a list takes two a level. Deeper ones become their text:
no reader can follow them, and a sanitiser's time grows with the square of the depth.
"""

_TOKEN = re.compile(r"<(/?)([a-z0-9]+)([^<>]*)>|([^<]+)")
_ATTRIBUTE = re.compile(r'([a-z]+)="([^"]*)"')
_LINK = re.compile(r"https?://[^/?#\s]|mailto:.", re.IGNORECASE)
_LANGUAGE = re.compile(r"language-[\w+#.-]+")
_SPACE = re.compile(r"\s")
_LINES = re.compile(r"\n{2,}")

_BLOCKS = frozenset(
    ("blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "li", "p", "pre", "table", "td", "th", "tr")
)
_CONTAINERS = frozenset(("", "blockquote", "details"))
"""Elements whose text stands in paragraphs; "" is the document."""

_NO_MENTION = "\n"
"""Stands for code and links where mentions are looked for: names do not contain it."""


@dataclass(slots=True)
class _Element:
    """An open element. `end`: what closes it; `html_at` and `text_at`: where its content begins."""

    name: str
    end: str = ""
    html_at: int = 0
    text_at: int = 0


_DROPPED = _Element("p")
"""Stands for each element that is too deep; text in it is text of the element above."""


class SafeHtml:
    """The HTML and the text of a document that `comrak` rendered. `links`: their addresses."""

    def __init__(self, document: str) -> None:
        self.links: list[str] = []
        self._titles: list[str] = []
        self._html: list[str] = []
        self._text: list[str] = []
        self._masked: list[str] = []
        self._open: list[_Element] = []
        self._in_link = self._in_code = 0
        self._address = ""
        for slash, name, attributes, text in _TOKEN.findall(document):
            if text:
                self._add_text(text)
            elif slash:
                self._close(name)
            elif len(self._open) >= MAX_DEPTH and name not in _VOIDS:
                self._open.append(_DROPPED)
            elif attributes or name in _SPECIAL:
                self._start(name, attributes)
            else:
                self._push(name, f"<{name}>", f"</{name}>")

    def html(self) -> str:
        return "".join(self._html)

    def text(self) -> str:
        """One line for each block, and for each title of a link after them."""
        lines = _LINES.sub("\n", "".join(self._text)).strip("\n")
        return "\n".join((lines, *self._titles)) if self._titles else lines

    def text_for_mentions(self) -> str:
        """The text without code and links."""
        return "".join(self._masked)

    def _add_text(self, source: str) -> None:
        text = unescape(source) if "&" in source else source
        parent = self._open[-1].name if self._open else ""
        if parent in _CONTAINERS and text.strip():  # raw HTML, which is shown as it is written
            lead, text = "\n" if text.startswith("\n") else "", balanced(text.strip("\n"))
            self._html.append(f"{lead}<p>{escape(text, quote=False)}</p>\n")
            self._say(f"\n{text}\n")
            return
        shown = balanced(text)
        self._html.append(source if shown is text else escape(shown, quote=False))
        self._say(shown)

    def _say(self, text: str) -> None:
        """Text that readers see."""
        self._text.append(text)
        self._masked.append(_NO_MENTION if self._in_link or self._in_code else text)

    def _start(self, name: str, source: str) -> None:
        attributes = {key: unescape(value) for key, value in _ATTRIBUTE.findall(source)}
        if name == "img":
            self._add_picture(attributes)
        elif name in _VOIDS:
            self._html.append(_VOIDS[name](attributes))
            self._say("\n" if name != "input" else _checkbox_mark(attributes))
        else:
            self._open_element(name, attributes)

    def _open_element(self, name: str, attributes: dict[str, str]) -> None:
        begin, end = _begin_tag(name, attributes), f"</{name}>"
        if name == "a":
            begin, end = self._open_link(attributes)
        elif name == "div":
            begin, end = self._open_directive(attributes.get("class", ""))
            name = "details" if end else name
        elif name == "code":
            self._in_code += 1
        self._push(name, begin, end)

    def _push(self, name: str, begin: str, end: str) -> None:
        self._html.append(begin)
        self._text.append("")
        self._open.append(_Element(name, end, len(self._html), len(self._text)))

    def _open_link(self, attributes: dict[str, str]) -> tuple[str, str]:
        """A link that leads nowhere, or that is in another one, becomes its text."""
        address, title = attributes.get("href", ""), attributes.get("title")
        self.links.append(address)
        if self._in_link or not _LINK.match(address):
            return "", ""
        self._in_link += 1
        self._address = address
        return _link_tag(address, self._titled(title)), "</a>"

    def _open_directive(self, words: str) -> tuple[str, str]:
        """`::: spoiler Title`. Any other `:::` is shown as it is written."""
        name, _, title = words.partition(" ")
        if name != "spoiler":
            self._add_text(escape(f"::: {words}".strip()))
            return "", ""
        title = title.strip()
        self._say(f"{title}\n")
        summary = f"<summary>{escape(title)}</summary>" if title else ""
        return f'<details class="spoiler">{summary}', "</details>"

    def _close(self, name: str) -> None:
        element = self._open.pop()
        if element is not _DROPPED:
            if name in _SPECIAL:
                self._finish(name, element)
            self._html.append(element.end)
        if name in _BLOCKS:
            self._break_line()

    def _finish(self, name: str, element: _Element) -> None:
        if name == "code":
            self._in_code -= 1
        elif name == "a":
            self._close_link(element)
        elif name in ("sub", "sup") and self._has_space(element):
            self._unmark(element, mark="^" if name == "sup" else "~")

    def _break_line(self) -> None:
        self._text.append("\n")
        self._masked.append("\n")

    def _close_link(self, element: _Element) -> None:
        """A link whose text nobody can see shows its address."""
        if not element.end:
            return
        label = "".join(self._text[element.text_at :])
        if not any(mark.isprintable() and not mark.isspace() for mark in label):
            self._html.append(escape(self._address))
            self._say(self._address)
        self._in_link -= 1

    def _has_space(self, element: _Element) -> bool:
        return any(_SPACE.search(text) for text in self._text[element.text_at :])

    def _unmark(self, element: _Element, *, mark: str) -> None:
        """`2^10 and 3^5` is no superscript: as in Pandoc, it contains no space."""
        self._html[element.html_at - 1] = self._text[element.text_at - 1] = mark
        element.end = mark
        self._say(mark)

    def _add_picture(self, attributes: dict[str, str]) -> None:
        """A link to the picture; its text within a link."""
        address, label = attributes.get("src", ""), attributes.get("alt") or "image"
        self.links.append(address)
        if self._in_link or not _LINK.match(address):
            self._add_text(escape(label))
            return
        tag = _link_tag(address, self._titled(attributes.get("title")))
        self._html.append(f"{tag}{escape(label)}</a>")
        self._in_link += 1
        self._say(label)
        self._in_link -= 1

    def _titled(self, title: str | None) -> str | None:
        if title:
            self._titles.append(title)
        return title


def _begin_tag(name: str, attributes: dict[str, str]) -> str:
    match name:
        case "code" if _LANGUAGE.fullmatch(language := attributes.get("class", "")):
            return f'<code class="{language}">'
        case "span":
            return '<span class="spoiler">'
        case "ol" if start := attributes.get("start"):
            return f'<ol start="{escape(start)}">'
        case "td" | "th" if align := attributes.get("align"):
            return f'<{name} align="{escape(align)}">'
    return f"<{name}>"


def _link_tag(address: str, title: str | None) -> str:
    titled = f' title="{escape(title)}"' if title else ""
    return f'<a href="{escape(address)}"{titled}>'


def _checkbox_mark(attributes: dict[str, str]) -> str:
    """A character, since a safe page has no elements of forms."""
    return "☑" if "checked" in attributes else "☐"


_VOIDS: dict[str, Callable[[dict[str, str]], str]] = {
    "br": lambda _: "<br>",
    "hr": lambda _: "<hr>",
    "img": lambda _: "",
    "input": _checkbox_mark,
}
_SPECIAL = frozenset(("a", "code", "div", "sub", "sup", *_VOIDS))
