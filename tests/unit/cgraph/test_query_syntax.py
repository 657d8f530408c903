from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cgraph.core.errors import Refusal
from cgraph.search.engine import Words
from cgraph.search.errors import InvalidSearchFilter, SearchTooComplex
from cgraph.search.query_syntax import TERMS_AT_MOST, ParsedQuery, parse_query
from cgraph.search.signs import is_emoji

PIECES = st.sampled_from(
    (
        *(
            "kettle",
            "東京都",
            "café",
            "-",
            "--",
            '"',
            "“",
            "”",
            ":",
            " ",
            "\t",
            "\u3000",
            "\0",
            "\u200b",
        ),
        *("from:", "in:", "has:", "type:", "tag:", "is:", "before:", "after:", "foo:", "http://"),
        *(
            "me",
            "link",
            "post",
            "answered",
            "2026-01-31",
            "9999-12-31",
            "\ud800",
            "\u202e",
            "🍵",
            "%",
        ),
    )
)


def test_what_is_no_filter_is_a_word() -> None:
    parsed = parse_query("kettle http://example.org/a?b=c foo:bar to:day, (copper)")
    assert list(parsed.words.all) == [
        "kettle",
        "http://example.org/a?b=c",
        "foo:bar",
        "to:day",
        "copper",
    ]


def test_words_phrases_and_exclusions() -> None:
    parsed = parse_query('kettle "goose  neck" -electric -"too hot" spout')
    assert parsed.words == Words(
        all=["kettle", "spout"],
        phrases=["goose neck"],
        excluded=["electric", "too hot"],
        last_is_begun=True,
    )


@pytest.mark.parametrize(
    ("text", "is_begun"),
    [("ket", True), ("ket ", False), ('"ket', False), ("ket from:ada", False), ("-ket", False),
     ("ket!", False)],
)  # fmt: skip
def test_only_an_open_last_word_is_begun(text: str, is_begun: bool) -> None:
    assert parse_query(text).words.last_is_begun is is_begun


def test_an_open_quotation_goes_to_the_end() -> None:
    parsed = parse_query('one "two three -four')
    assert (list(parsed.words.all), list(parsed.words.phrases)) == (["one"], ["two three -four"])


def test_each_filter() -> None:
    parsed = parse_query(
        "from:Ada from:@grace -from:eve in:#Coffee in:0190a1b2-0000-7000-8000-000000000000 "
        'has:link has:code type:post TYPE:comment tag:"Iced Tea" is:answered '
        "before:2026-02 after:2025-12-31 after:2026-01-01T12:00:00+02:00 "
    )
    assert parsed == ParsedQuery(
        words=Words([], [], [], False),
        types={"post", "comment"},
        authors={"ada", "grace"},
        excluded_authors={"eve"},
        places={"coffee", "0190a1b2-0000-7000-8000-000000000000"},
        features={"link", "code"},
        tags={"iced tea"},
        before=datetime(2026, 2, 1, tzinfo=UTC),
        after=datetime(2026, 1, 1, 10, tzinfo=UTC),
        is_answered=True,
    )


@pytest.mark.parametrize(
    ("text", "is_answered"),
    [("is:unanswered", False), ("-is:answered", False), ("-is:unanswered", True)],
)
def test_what_is_not_answered(text: str, is_answered: bool) -> None:
    assert parse_query(text).is_answered is is_answered


@pytest.mark.parametrize(
    "text",
    ["has:cheese", "type:book", "is:blue", "before:yesterday", "after:2026-02-30", "after:0000",
     "-in:coffee", "-has:link", "-before:2026", 'has:"link code"'],
)  # fmt: skip
def test_a_filter_that_means_nothing_is_refused(text: str) -> None:
    with pytest.raises(InvalidSearchFilter):
        parse_query(text)


def test_a_filter_in_quotation_marks_is_a_phrase() -> None:
    assert list(parse_query('"has:cheese"').words.phrases) == ["has:cheese"]


def test_too_many_terms_are_refused() -> None:
    assert len(parse_query("a " * TERMS_AT_MOST).words.all) == TERMS_AT_MOST
    with pytest.raises(SearchTooComplex):
        parse_query("a " * (TERMS_AT_MOST + 1))


def test_what_nobody_sees_is_no_part_of_a_word() -> None:
    assert list(parse_query("\u200bket\u00adtle\u202e\0cup").words.all) == ["kettle", "cup"]
    assert list(parse_query("cafe\u0301").words.all) == ["caf\u00e9"]


@given(st.lists(PIECES, max_size=30).map("".join))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        words = parse_query(text).words
    except Refusal:
        return
    for each in (*words.all, *words.phrases, *words.excluded):
        assert each == each.strip() and "\0" not in each and '"' not in each
        assert any(character.isalnum() or is_emoji(character) for character in each)
        each.encode()
    assert not words.last_is_begun or text.rstrip("\u200b\u202e\0\ud800").endswith(
        words.all[-1][-1]
    )


@given(st.text(max_size=200))
def test_any_text_at_all_is_read_or_refused(text: str) -> None:
    try:
        parse_query(text)
    except Refusal as refusal:
        assert refusal.code in ("invalid_search_filter", "search_too_complex")


@given(st.lists(st.text("abcdef", min_size=1, max_size=8), max_size=TERMS_AT_MOST))
def test_plain_words_stay_as_they_are(words: list[str]) -> None:
    assert list(parse_query(" ".join(words)).words.all) == words
