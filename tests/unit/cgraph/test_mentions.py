from __future__ import annotations

import pytest

from cgraph.core.markdown import render
from cgraph.core.mentions import MENTIONS_AT_MOST, mentioned_names


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ("@ada", ["ada"]),
        ("(@Ada) '@b2' \"@c-d_e.f\"\n@ada", ["ada", "b2", "c-d_e.f"]),
        ("see @ada.", ["ada."]),
        ("@ada...", ["ada..."]),
        ("@ada's, @grace: @eve!", ["ada", "grace", "eve"]),
        ("@ada/@grace and/@eve", ["ada", "grace", "eve"]),
        (".@ada -@grace", ["ada", "grace"]),
        ("你好@zed你好", ["zed"]),
        ("@zed님, ไทย@adaไทย", ["zed", "ada"]),
        ("ada@example.org, a.b+c@example.org, @ada@example.org", []),
        ("example.org/@zed/post", []),
        ("@", []),
        ("@a", []),
        ("@_ada @.ada @-ada", []),
        ("@@ada @ada@", []),
        ("é@ada @adaé", []),
        ("@" + "x" * 32, ["x" * 32]),
        ("@" + "x" * 33, []),
        ("@ada" * 100, []),
    ],
)
def test_names_after_an_at_sign_are_mentioned(content: str, names: list[str]) -> None:
    assert mentioned_names(content) == names


def test_only_the_first_fifty_names_are_mentioned() -> None:
    content = " ".join(f"@name{number}" for number in range(100))

    assert mentioned_names(content) == [f"name{number}" for number in range(MENTIONS_AT_MOST)]


@pytest.mark.parametrize(
    "content",
    [
        "`@zed`",
        "`` a `@zed` ``",
        "```\n@zed\n```",
        "~~~ text\n@zed\n~~~",
        "    @zed",
        "https://example.org/@zed/post",
        "<https://example.org/@zed>",
        "[a](https://example.org/@zed '@zed')",
        "[@zed](https://example.org)",
        "![@zed](https://example.org/a.png)",
        "www.example.org/@zed",
        "zed@zed.example",
        "<zed@zed.example>",
        "[a]: https://example.org '@zed'",
    ],
)
def test_code_links_and_addresses_mention_nobody(content: str) -> None:
    assert render(content).mentions == []


@pytest.mark.parametrize(
    "content",
    [
        "_@zed_",
        "**@zed**",
        "~~@zed~~",
        "||@zed||",
        "**@z**ed",
        "你好@zed你好",
        "> @zed",
        "- @zed",
        "# @zed",
        "| @zed |\n|---|\n| a |",
        "::: spoiler @zed\na\n:::",
        "[@zed](/profile)",
        "\\@zed",
        "&commat;zed",
        "<b>@zed</b>",
        "`a`@zed`b`",
    ],
)
def test_names_that_a_reader_sees_in_the_text_are_mentioned(content: str) -> None:
    assert render(content).mentions == ["zed"]


def test_names_in_long_text_are_found_quickly() -> None:
    for content in ("@a." * 1333, "@" * 4000, "@" + "a" * 3999, "@a@" * 1333):
        assert mentioned_names(content) == []
    assert mentioned_names("+" * 200_000 + "@" * 200_000) == []
    assert mentioned_names("a." * 200_000 + "/") == []
