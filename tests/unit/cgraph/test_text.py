# ruff: noqa: RUF001 - they are ambiguous on purpose
"""What a text is before it is stored."""

from __future__ import annotations

import sys
import unicodedata
from typing import Any

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from cgraph.core import text
from cgraph.core.text import TextRefused

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
HEART = "\u2764\ufe0f"
EVERY_CHARACTER = "".join(
    map(chr, (*range(0xD800), *range(0xE000, sys.maxunicode + 1)))  # without surrogates
)

INVISIBLE = (
    *("", " ", "\t", "\n", "\u00a0", "\u3000", "\u1680", "\u2028", "\x85", "\x1f"),
    *("\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u034f", "\u180e", "\u061c"),
    *("\u115f", "\u1160", "\u3164", "\uffa0", "\u2800", "\u17b4", "\ufe0f", "\U000e0100"),
    *("\U000e0020", "\U000e007f", "\u206a", "\ufff9", "\ufffc", "\U0001d159", "\U0001d173"),
    "\u200b \u2060\u2800",
)

characters = st.characters(exclude_categories=["Cs"])
texts = st.text(
    st.sampled_from("ab e\u0301\u200b\u200f\u2066\u2069\u202e\u202c\u3164\n\t\r\ufe0f\U0001f600")
    | characters,
    max_size=40,
)


def one_line(value: str, *, at_most: int = 64, required: bool = True) -> str:
    return text.one_line(value, at_most=at_most, required=required)


def many_lines(value: str, *, at_most: int = 64, required: bool = True) -> str:
    return text.many_lines(value, at_most=at_most, required=required)


def code_of_one_line(value: str, **options: Any) -> str:
    with pytest.raises(TextRefused) as refusal:
        one_line(value, **options)
    return refusal.value.code


def code_of_many_lines(value: str) -> str:
    with pytest.raises(TextRefused) as refusal:
        many_lines(value)
    return refusal.value.code


def test_the_ignorable_characters_are_those_of_unicode() -> None:
    ignorable = regex.findall(r"\p{Default_Ignorable_Code_Point}", EVERY_CHARACTER)
    assert [mark for mark in ignorable if not text.is_blank(mark)] == []
    assert {mark for mark in EVERY_CHARACTER if text._IGNORABLE.match(mark)} == set(ignorable)


def test_white_space_and_control_characters_are_blank() -> None:
    unseen = [mark for mark in EVERY_CHARACTER if unicodedata.category(mark) in ("Zs", "Zl", "Cc")]
    assert len(unseen) > 80
    assert text.is_blank("".join(unseen))


@pytest.mark.parametrize("value", INVISIBLE, ids=ascii)
def test_a_text_that_nobody_can_see_is_blank(value: str) -> None:
    assert text.is_blank(value)


@pytest.mark.parametrize("value", [HEART, FAMILY, "1\ufe0f\u20e3", "\u0600", "\ue000", ".", "क्"])
def test_a_text_with_something_to_see_is_not_blank(value: str) -> None:
    assert not text.is_blank(value)
    assert one_line(value) == value == many_lines(value)


@pytest.mark.parametrize("value", ["\u200b", "\u2060 \ufeff", "\u3164", "\u2800", "", "  \n"])
def test_a_blank_text_is_refused_or_empty(value: str) -> None:
    assert code_of_one_line(value) == code_of_many_lines(value) == "blank"
    assert one_line(value, required=False) == many_lines(value, required=False) == ""


@pytest.mark.parametrize(
    ("value", "code"),
    [
        *((f"a{end}b", "line_break") for end in ("\n", "\r", "\r\n", "\u2028", "\u2029", "\x85")),
        *((f"a{end}b", "line_break") for end in ("\x0b", "\x0c")),
        *((f"a{mark}b", "control_character") for mark in ("\0", "\x1b", "\t", "\x7f", "\x9b")),
        *((f"é{mark}b", "control_character") for mark in ("\0", "\x1b", "\t", "\x7f", "\x9b")),
        *((f"a{mark}b", "bidi_control") for mark in "\u202a\u202b\u202c\u202d\u202e"),
        *((f"a{mark}b", "bidi_control") for mark in "\u2066\u2067\u2068\u2069"),
    ],
    ids=ascii,
)
def test_a_line_without_its_own_line_or_direction_is_refused(value: str, code: str) -> None:
    assert code_of_one_line(value) == code


def test_direction_marks_of_a_line_are_removed() -> None:
    assert one_line("\u200fC++\u200e and C\u061c") == "C++ and C"


@pytest.mark.parametrize("mark", ["\0", "\x07", "\x0b", "\x0c", "\x1b", "\x7f", "\x80", "\x9f"])
def test_control_characters_of_a_body_are_refused(mark: str) -> None:
    assert code_of_many_lines(f"a{mark}b") == "control_character"
    assert code_of_many_lines(f"é{mark}b") == "control_character"


def test_a_body_keeps_lines_tabs_and_directions() -> None:
    assert many_lines("a\tb\r\nc\rd\n\u202ee") == "a\tb\nc\nd\n\u202ee"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (" \n\n  hi  \n\n", "hi"),
        ("   hi", "hi"),
        ("    code\n    more\n", "    code\n    more"),
        ("\n\tcode", "\tcode"),
        ("a\n\n  b", "a\n\n  b"),
    ],
)
def test_a_body_is_trimmed_but_its_first_indentation_stays(value: str, expected: str) -> None:
    assert many_lines(value) == expected


@pytest.mark.parametrize("around", [" ", "\t", "\n", "\u00a0", "\u3000", "\u200b", "\u2060\ufeff"])
def test_white_space_and_invisible_characters_around_a_line_are_removed(around: str) -> None:
    assert one_line(f"{around}Ada{around}") == "Ada"


def test_what_an_emoji_or_a_script_ends_with_stays() -> None:
    for value in (HEART, "ه\u200d", "می\u200c"):
        assert one_line(f" {value} ") == value


def test_composed_and_decomposed_letters_are_one_text() -> None:
    assert one_line("Zoe\u0308") == many_lines("Zoe\u0308") == "Zoë"


def test_the_length_is_counted_in_characters_as_readers_see_them() -> None:
    assert one_line(FAMILY * 15, at_most=15) == FAMILY * 15 or len(FAMILY) * 15 > 60
    assert one_line(HEART * 10, at_most=10) == HEART * 10
    assert code_of_one_line(HEART * 11, at_most=10) == "string_too_long"
    assert one_line("é" * 10, at_most=10) == "é" * 10
    assert code_of_one_line("é" * 11, at_most=10) == "string_too_long"
    assert code_of_one_line("a" * 11, at_most=10) == "string_too_long"
    assert one_line(f"{'a' * 10}   ", at_most=10) == "a" * 10


def test_a_text_is_bounded_in_code_points_too() -> None:
    long_cluster = "👁" + "\u200d👁" * 60
    assert text.count_characters(long_cluster) == 1
    assert code_of_one_line(long_cluster, at_most=10) == "string_too_long", "121 code points"


@pytest.mark.parametrize("mark", ["\u0301", "\u0e47", "\u0489", "\u20dd", "\u0fb7", "\ufe0f"])
def test_a_flood_of_combining_marks_is_refused(mark: str) -> None:
    assert code_of_one_line("Z" + mark * 11) == code_of_many_lines("Z" + mark * 11)
    assert code_of_one_line("Z" + mark * 11) == "combining_marks"
    assert one_line("Z" + mark * 10)


def test_unordered_marks_are_refused_before_they_are_ordered() -> None:
    marks = "\u0301\u0316" * 20_000  # to put them in order takes seconds
    with pytest.raises(TextRefused):
        text.many_lines("Z" + marks, at_most=40_000, required=True)


@pytest.mark.parametrize(
    "value",
    [
        "สวัสดีชาวโลก",
        "שָׁלוֹם",
        "नमस्ते दुनिया",
        "བཀྲ་ཤིས་བདེ་ལེགས",
        "Tiếng Việt",
        "مرحبا بالعالم",
        "🏴\U000e0067\U000e007f",
        "👩🏽‍🚀",
    ],
)
def test_texts_of_all_scripts_stay_as_they_are(value: str) -> None:
    normal = unicodedata.normalize("NFC", value)
    assert one_line(value) == many_lines(value) == normal


@given(texts)
def test_a_text_that_was_taken_is_taken_unchanged_again(value: str) -> None:
    for normalize in (one_line, many_lines):
        try:
            first = normalize(value, required=False)
        except TextRefused:
            continue
        assert normalize(first, required=False) == first
        assert unicodedata.is_normalized("NFC", first)
        assert not first or not text.is_blank(first)
        assert normalize is many_lines or "\n" not in first


@given(texts)
def test_a_cleaned_line_is_one_that_is_not_refused(value: str) -> None:
    line = text.clean_line(value, at_most=20)
    assert text.count_characters(line) <= 20
    assert one_line(line, required=False) == line


def test_a_cleaned_line_keeps_what_can_be_shown() -> None:
    assert text.clean_line(" My\n\x1b[31mphone\u202e ", at_most=200) == "My [31mphone"
    assert text.clean_line(FAMILY * 3, at_most=2) == FAMILY * 2


@given(st.text(alphabet=EVERY_CHARACTER))
def test_cleaned_lines_are_what_a_body_may_be(value: str) -> None:
    cleaned = text.clean_lines(value)
    assert many_lines(cleaned, at_most=1000, required=False) == cleaned


@pytest.mark.parametrize(
    ("value", "cleaned"),
    [
        ("a\x00b\r\nc\x85", "ab\nc"),
        ("x" + "\u0301" * 30, "x" + "\u0301" * 10),
        ("\u0958" + "\u0301" * 10, "\u0915\u093c" + "\u0301" * 9),
        ("\u200b\n", ""),
    ],
)
def test_what_a_body_may_not_have_is_cleaned_away(value: str, cleaned: str) -> None:
    assert text.clean_lines(value) == cleaned


@pytest.mark.parametrize(
    ("value", "beginning"),
    [("abc", "ab"), (f"a{FAMILY}b", f"a{FAMILY}"), ("e\u0301e\u0301e", "e\u0301e\u0301"), ("", "")],
)
def test_a_beginning_has_whole_characters(value: str, beginning: str) -> None:
    assert text.beginning(value, at_most=2) == beginning


@pytest.mark.parametrize(
    ("one", "other"),
    [("A", "a"), ("straße", "STRASSE"), ("A\u200b\u2060B", "ab"), (HEART, "\u2764"), ("é", "É")],
)
def test_texts_that_look_the_same_have_one_comparison_key(one: str, other: str) -> None:
    assert text.comparison_key(one_line(one)) == text.comparison_key(one_line(other))


def test_different_texts_have_different_comparison_keys() -> None:
    keys = {text.comparison_key(value) for value in ("a", "b", "á", "x²", "x2", "ａ")}
    assert len(keys) == 6
