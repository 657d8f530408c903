"""Rendering takes bounded time, whatever the text is made of."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

import pytest

from cgraph.core.markdown import DIRECTIVES_AT_MOST, TAGS_AT_MOST, render
from tests.conftest import Report, Size

LONGEST = 40_000
LIMIT = 0.25
"""Seconds of CPU time that 99 of 100 texts may take: a fifth of it on a machine without other work,
and a text that takes the square of its length takes far more. The worst may take three times that,
because this machine has other work too.
"""

PARTS = [
    *"a*_`[]()!<>&|~^@#-+=\\:'\"%/?$é中 \t\n\x1b\u202e\u2066",
    *("    ", "\n\n"),
    *("||", "~~", "**", "```", "---", "|-|", "![", "](", "[](", "![](", "[]: b\n", "[a]: b\n"),
    *("- ", "> ", "1. ", "# ", "- [ ] ", "|a", "a|b\n-|-\n", ":::", ":::\n", "::: a\n"),
    *("::: spoiler\n", "&amp;", "&#", "<a>", "</a>", "<!--", "<a@b.c>", "*a* ", "`a` ", "~a~"),
    *("http://", "https://a.b/", "www.a.b", "x@y.z", "a@b.c+", "@ab", "@ab ", "@a.", "a.b/"),
]


def texts(rng: random.Random, *, count: int) -> Iterator[str]:
    """Each part, nested lists and quotes, and then repeated combinations and noise."""
    for part in PARTS:
        yield repeated(part)
    yield "".join("  " * depth + "- a\n" for depth in range(198))
    yield "".join(">" * depth + "a\n\n" for depth in range(280))
    yield ":::a\nb\n\n" * (LONGEST // 8)
    yield "+" * (LONGEST // 2) + "@" * (LONGEST // 2)
    for _ in range(count):
        combination = "".join(rng.choices(PARTS, k=rng.randint(2, 5)))
        other = "".join(rng.choices(PARTS, k=rng.randint(1, 3)))
        yield rng.choice(
            (
                repeated(combination),
                repeated(combination)[: LONGEST // 2] + repeated(other)[: LONGEST // 2],
                "".join(rng.choices(PARTS, k=LONGEST))[:LONGEST],
            )
        )


def repeated(part: str) -> str:
    return (part * LONGEST)[:LONGEST]


def seconds(text: str) -> float:
    """The better of two runs, if the first was slow."""
    times: list[float] = []
    while not times or (len(times) < 2 and times[0] > LIMIT / 2):
        began = time.process_time()
        render(text)
        times.append(time.process_time() - began)
    return min(times)


def test_rendering_takes_bounded_time(size: Size, report: Report) -> None:
    render("the first rendering imports the libraries")
    rng = random.Random(6)
    measured = sorted(
        ((seconds(text), text) for text in texts(rng, count=size(20, 600))), reverse=True
    )
    worst, _ = measured[0]
    ninety_ninth, text = measured[len(measured) // 100]
    report("rendering", texts=len(measured), p99_ms=ninety_ninth * 1000, worst_ms=worst * 1000)
    assert ninety_ninth < LIMIT, text[:80]
    assert worst < 3 * LIMIT, text[:80]


def test_a_text_with_too_many_tags_is_shown_as_it_is_written() -> None:
    few, many = "*a* " * (TAGS_AT_MOST // 2 - 1), "*a* " * (TAGS_AT_MOST // 2)

    assert "<em>" in render(few + "a" * 20_000).html
    rendered = render(f"{many}@zed <b>")
    assert rendered.html == f"<p>{many}@zed &lt;b&gt;</p>\n"
    assert rendered.mentions == ["zed"]


def test_a_text_whose_html_is_too_long_is_shown_as_it_is_written() -> None:
    markdown = "x@y.z " * 600

    assert render(markdown[:60]).html.count("<a href") == 10
    assert render(markdown).html == f"<p>{markdown}</p>\n"


def test_with_too_many_directives_none_has_a_meaning() -> None:
    enough = "::: spoiler\na\n:::\n" * (DIRECTIVES_AT_MOST // 2)

    assert "<details" in render(enough).html
    assert "<details" not in render(f"{enough}:::").html


@pytest.mark.parametrize("mark", ["\u202e", "\u2066", "\u2069"])
def test_too_many_marks_of_direction_are_dropped(mark: str) -> None:
    assert render(f"a{mark * 101}b").html == "<p>ab</p>\n"
    assert mark in render(f"a\u2066{mark * 50}b\u2069c").html
