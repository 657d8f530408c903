from __future__ import annotations

import pytest

from cgraph.chat.messages.rules import MENTIONS_AT_MOST, mentioned_names


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ("@ada", ["ada"]),
        ("(@Ada) '@b2' \"@c-d_e.f\"\n@ada", ["ada", "b2", "c-d_e.f"]),
        ("see @ada.", ["ada.", "ada"]),
        ("@ada...", ["ada...", "ada"]),
        ("@ada's, @grace: @eve!", ["ada", "grace", "eve"]),
        ("ada@example.org, a.b+c@example.org, @ada@example.org", []),
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
def test_names(content: str, names: list[str]) -> None:
    assert mentioned_names(content) == names


def test_the_first_fifty() -> None:
    content = " ".join(f"@name{number}" for number in range(100))

    assert mentioned_names(content) == [f"name{number}" for number in range(MENTIONS_AT_MOST)]


def test_long_text_takes_no_time() -> None:
    for content in ("@a." * 1333, "@" * 4000, "@" + "a" * 3999, "@a@" * 1333):
        assert mentioned_names(content) == []
