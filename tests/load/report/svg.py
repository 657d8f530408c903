"""SVG whose colours follow the reader's light or dark mode."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

WIDTH = 760
LIGHT = ("#0969da", "#bc4c00", "#1a7f37", "#8250df", "#bf3989", "#7d5b00", "#57606a", "#0a7a7a")
DARK = ("#58a6ff", "#f0883e", "#56d364", "#bc8cff", "#f778ba", "#e3b341", "#9da7b1", "#39c5cf")
"""The colours of the classes l0, l1 …"""

Points = Sequence[tuple[float, float]]


def document(title: str, height: float, body: Iterator[str]) -> str:
    return "\n".join([*_head(title, height), *body, "</svg>\n"])


def _head(title: str, height: float) -> Iterator[str]:
    yield (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {height:.0f}' role='img' "
        f"aria-label='{escape(title, quote=True)}'>"
    )
    yield "<style>"
    yield "text { font: 12px sans-serif; fill: #1f2328 } .title { font: bold 14px sans-serif }"
    yield ".paper { fill: #ffffff } .grid { stroke: #d1d9e0 } .goal { stroke: #d1242f }"
    yield "path { fill: none; stroke-width: 2 } .grid { stroke-width: 1 } .bar { stroke-width: 14 }"
    yield ".dot { stroke-width: 6; stroke-linecap: round }"
    yield from (f".l{n} {{ stroke: {colour} }}" for n, colour in enumerate(LIGHT))
    yield "@media (prefers-color-scheme: dark) {"
    yield "text { fill: #e6edf3 } .paper { fill: #0d1117 } .grid { stroke: #30363d }"
    yield ".goal { stroke: #ff7b72 }"
    yield from (f".l{n} {{ stroke: {colour} }}" for n, colour in enumerate(DARK))
    yield "}"
    yield "</style>"
    yield f"<rect class='paper' width='{WIDTH}' height='{height:.0f}'/>"


def path(kind: str, points: Points, *, dashed: bool = False) -> str:
    dash = " stroke-dasharray='5 4'" if dashed else ""
    return f"<path class='{kind}'{dash} d='M{'L'.join(f'{x:.1f} {y:.1f}' for x, y in points)}'/>"


def dot(kind: str, x: float, y: float) -> str:
    return f"<path class='{kind} dot' d='M{x:.1f} {y:.1f}h0'/>"


def text(x: float, y: float, words: str, *, anchor: str = "start", kind: str = "") -> str:
    style = f" class='{kind}'" if kind else ""
    return f"<text{style} x='{x:.1f}' y='{y:.1f}' text-anchor='{anchor}'>{escape(words)}</text>"
