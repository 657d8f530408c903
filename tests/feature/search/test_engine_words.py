"""Which texts words find, in every engine"""

import pytest

from cgraph.search.engine import Words
from tests.feature.search.engine_target import Shelf


async def test_every_word_must_be_in_the_title_or_the_body(shelf: Shelf) -> None:
    await shelf.write(
        shelf.document("both", title="Grinding coffee", body="with a hand mill"),
        shelf.document("title only", title="Grinding coffee", body="with a machine"),
        shelf.document("body only", title="Grinding tea", body="with a hand mill"),
    )
    assert await shelf.found("coffee mill") == ["both"]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("They were running home", "run"),
        ("We run home", "running"),
        ("Many databases", "database"),
        ("One connection", "connected"),
        ("SHOUTED WORDS", "shouted"),
        ("a quiet word", "QUIET"),
        ("Crème brûlée", "creme brulee"),
        ("creme brulee", "Crème brûlée"),
        ("Ångström units", "angstrom"),
        ("full width \uff21\uff22\uff23", "abc"),
        ("state-of-the-art grinder", "art"),
        ("error E1234 in line 5", "E1234"),
        ("東京都庁舎に行きました", "東京"),
        ("東京都庁舎に行きました", "庁舎"),
        ("東京都庁舎に行きました", "東京都庁"),
        ("안녕하세요 여러분", "안녕하세요"),
        ("Мы пьём чай", "чай"),
        ("rock'n'roll's best", "best"),
    ],
)
async def test_a_word_is_found_in_any_inflection_case_and_accent(
    shelf: Shelf, text: str, word: str
) -> None:
    await shelf.bodies(it=text, other="Something else entirely")
    assert await shelf.found(word) == ["it"]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("a forest of trees", "fore"),
        ("東京都庁舎", "京東"),
        ("to form a team", "farm"),
        ("a cat", "dog"),
    ],
)
async def test_another_word_is_not_found(shelf: Shelf, text: str, word: str) -> None:
    await shelf.bodies(it=text, has_it=f"Here is {word} indeed")
    assert await shelf.found(word) != ["it"]
    assert "it" not in await shelf.found(word)


@pytest.mark.parametrize(
    ("text", "begun"),
    [
        ("A long conversation", "conv"),
        ("A long conversation", "long conversat"),
        ("A long conversation", "conversation"),
        ("Two conversations", "conversation"),
        ("Crème brûlée", "brûl"),
        ("internationalization of texts", "internationaliz"),
        ("東京都庁舎に行きました", "東京都"),
    ],
)
async def test_the_last_word_may_be_begun(shelf: Shelf, text: str, begun: str) -> None:
    await shelf.bodies(it=text, other="Something else entirely")
    words = Words(all=begun.split(), last_is_begun=True)
    assert await shelf.found(words) == ["it"]


async def test_only_the_last_word_may_be_begun(shelf: Shelf) -> None:
    await shelf.bodies(it="A conversation of friends")
    assert await shelf.found(Words(all=["conv", "friends"], last_is_begun=True)) == []
    assert await shelf.found(Words(all=["conv"])) == []


@pytest.mark.parametrize(
    ("text", "phrase", "is_found"),
    [
        ("the quick brown fox", "quick brown", True),
        ("the quick brown fox", "brown quick", False),
        ("the quick brown fox", "quick fox", False),
        ("the quick brown foxes", "brown fox", True),
        ("Crème brûlée again", "creme brulee", True),
        ("state of the art", "state of the art", True),
        ("the art of state", "state of the art", False),
        ("東京都庁舎に行きました", "東京都", True),
        ("京都の東、東都の京", "東京都", False),
    ],
)
async def test_the_words_of_a_phrase_follow_each_other(
    shelf: Shelf, text: str, phrase: str, is_found: bool
) -> None:
    await shelf.bodies(it=text)
    assert await shelf.found(Words(phrases=[phrase])) == (["it"] if is_found else [])


async def test_a_phrase_does_not_go_on_from_the_title_to_the_body(shelf: Shelf) -> None:
    await shelf.write(shelf.document("it", title="about quick", body="brown things"))
    assert await shelf.found(Words(phrases=["quick brown"])) == []


async def test_excluded_words_and_phrases_are_not_found(shelf: Shelf) -> None:
    await shelf.bodies(
        plain="fresh milk tea", sweet="fresh tea with sugar", cold="tea on the rocks"
    )
    assert set(await shelf.found(Words(all=["tea"], excluded=["sugars"]))) == {"plain", "cold"}
    assert set(await shelf.found(Words(all=["tea"], excluded=["milk tea", "rocks"]))) == {"sweet"}
    assert set(await shelf.found(Words(excluded=["fresh"]))) == {"cold"}


async def test_without_words_everything_is_found(shelf: Shelf) -> None:
    await shelf.bodies(one="first", two="second")
    assert set(await shelf.found()) == {"one", "two"}


@pytest.mark.parametrize(
    "text",
    [
        '"',
        "\\",
        "*",
        "?",
        "(",
        "a AND (",
        "foo:bar",
        "/x/",
        "~",
        "\u202e",
        "-",
        "&&",
        "' OR 1=1 --",
        "{}",
        "[1 TO *]",
        "é" * 300,
        "x" * 2000,
        "東" * 500,
        ":*",
        "!",
        "<->",
        "%",
    ],
)
async def test_nothing_in_a_word_is_syntax(shelf: Shelf, text: str) -> None:
    """Of the engine's own query language."""
    await shelf.bodies(it="An ordinary text")
    for words in (
        Words(all=[text]),
        Words(all=[text], last_is_begun=True),
        Words(phrases=[text]),
        Words(all=["ordinary"], excluded=[text]),
    ):
        await shelf.search(words)


@pytest.mark.parametrize(
    ("misspelt", "right"),
    [
        ("retreival", "retrieval"),
        ("recieve", "receive"),
        ("databse", "database"),
        ("coffe grinder", "coffee grinder"),
        ("expresso", "espresso"),
    ],
)
async def test_a_misspelt_word_finds_the_right_one(shelf: Shelf, misspelt: str, right: str) -> None:
    await shelf.bodies(it=f"All about the {right} of today", other="Something else entirely")
    results = await shelf.search(misspelt)
    assert shelf.named(hit.key for hit in results.hits) == ["it"]
    assert list(results.corrected) == right.split()
    assert results.total == 1


async def test_what_is_found_is_not_corrected(shelf: Shelf) -> None:
    await shelf.bodies(form="Fill in the form", farm="Life on the farm")
    results = await shelf.search("farm")
    assert shelf.named(hit.key for hit in results.hits) == ["farm"]
    assert list(results.corrected) == []


async def test_short_words_and_numbers_are_not_corrected(shelf: Shelf) -> None:
    await shelf.bodies(it="The cat has 2024 lives")
    for word in ("car", "2025"):
        results = await shelf.search(word)
        assert (list(results.hits), list(results.corrected)) == ([], [])
