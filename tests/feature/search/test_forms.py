"""Words that are written in more than one way, and names made of words, in every engine"""

from __future__ import annotations

import unicodedata

import pytest

from cgraph.search.engine import DocumentKey, Words
from cgraph.search.forms import JOINER, with_forms
from cgraph.search.highlights import ranges_in
from cgraph.search.query_syntax import parse_query
from tests.feature.search.engine_target import SearchTarget, Shelf
from tests.feature.world import World

TEXTS = {
    "müller": "Ask Hans Müller about the grinder",
    "mueller": "Ask Hans Mueller about the scales",
    "muller": "Ask Hans Muller about the filter",
    "decomposed": "Herr Bo\u0308ttcher writes",
    "street": "At the end of Hauptstraße",
    "strasse": "At the beginning of Hauptstrasse",
    "danish": "Smørrebrød from Ålborg",
    "camel": "Call fetchAllMessages before parseHTTPHeader",
    "snake": "Call fetch_all_posts twice",
    "dotted": "Use os.path.join for that",
    "class": "An XMLParser of version2Beta",
    "blue": "A true blue shoe of a poet",
    "id": "The video dQw4w9WgXcQ and the APIs of it",
}
FOUND = [
    ("Mueller", {"müller", "mueller"}),
    ("müller", {"müller", "mueller", "muller"}),
    ("MÜLLER", {"müller", "mueller", "muller"}),
    ("muller", {"müller", "muller"}),
    ("Mu\u0308ller", {"müller", "mueller", "muller"}),
    ("Müller -grinder", {"mueller", "muller"}),
    ("grinder -Mueller", set()),
    ("Boettcher", {"decomposed"}),
    ("Böttcher", {"decomposed"}),
    ("hauptstraße", {"street", "strasse"}),
    ("Hauptstrasse", {"street", "strasse"}),
    ("smoerrebroed", {"danish"}),
    ("Aalborg", {"danish"}),
    ("aalb", {"danish"}),
    ("fetchAllMessages", {"camel"}),
    ("fetchallmessages", {"camel"}),
    ("message", {"camel"}),
    ("fetch", {"camel", "snake"}),
    ("header", {"camel"}),
    ("http header", {"camel"}),
    ("parseHTTPHeader", {"camel"}),
    ("fetch_all_posts", {"snake"}),
    ("posts", {"snake"}),
    ("os.path.join", {"dotted"}),
    ("path", {"dotted"}),
    ("os.path", {"dotted"}),
    ("xml parser", {"class"}),
    ("XMLParser", {"class"}),
    ("version2", {"class"}),
    ("beta", {"class"}),
    ("blü", {"blue"}),
    ('"at the end of Hauptstrasse"', {"street"}),
    ('"true blue shoe"', {"blue"}),
    ("dQw4w9WgXcQ", {"id"}),
    ("xcq", set()),
]
EXACT_PHRASES = [
    ("Hans Mueller about", {"müller", "mueller"}),
    ("Hans Müller about", {"müller", "mueller", "muller"}),
    ("before parseHTTPHeader", {"camel"}),
    ("call fetchAllMessages before", {"camel"}),
]
"""The fake has no two words at one place."""


@pytest.fixture(scope="module")
async def library(target: SearchTarget) -> Shelf:
    shelf = Shelf(target)
    await shelf.bodies(**TEXTS)
    return shelf


@pytest.mark.parametrize(("query", "names"), FOUND)
async def test_each_form_of_a_word_finds_it(library: Shelf, query: str, names: set[str]) -> None:
    """While it is typed too; a beginning only then."""
    for typed in (query, f"{query} "):
        if typed == "aalb ":
            continue
        found = set(await library.found(parse_query(typed).words))
        assert found == names, typed


@pytest.mark.parametrize(("phrase", "names"), EXACT_PHRASES)
async def test_a_form_is_at_the_place_of_its_word(
    library: Shelf, phrase: str, names: set[str]
) -> None:
    if library.target.name != "fake":
        assert set(await library.found(Words(phrases=[phrase]))) == names


async def test_a_misspelt_form_is_corrected_to_one_form(target: SearchTarget) -> None:
    shelf = Shelf(target)
    await shelf.bodies(only="A Fahrradschlüssel was found")
    results = await shelf.search("fahrradschluesel")
    assert shelf.named(hit.key for hit in results.hits) == ["only"]
    assert results.corrected == ["fahrradschluessel"]


async def test_suggestions_and_similar_posts_know_the_forms(target: SearchTarget) -> None:
    shelf = Shelf(target)
    await shelf.posts(
        umlaut="Kaffeemühle kaufen", spelt="Kaffeemuehle reinigen", name="newUserForm"
    )

    async def suggested(beginning: str) -> set[str]:
        keys: list[DocumentKey] = [*await shelf.engine.suggest(shelf.viewer, beginning, limit=5)]
        return set(shelf.named(key for key in keys if key in shelf.names))

    assert await suggested("kaffeemü") == {"umlaut", "spelt"}
    assert await suggested("kaffeemue") == {"umlaut", "spelt"}
    assert await suggested("user") == {"name"}
    for title in ("Kaffeemühle", "Kaffeemuehle"):
        keys = await shelf.engine.similar_posts(
            shelf.viewer, title, places=frozenset({shelf.place}), limit=5
        )
        assert set(shelf.named(keys)) == {"umlaut", "spelt"}, title


@pytest.mark.parametrize(
    ("text", "word", "marked"),
    [
        ("Ask Müller.", "mueller", ["Müller"]),
        ("Ask Müller.", "muller", ["Müller"]),
        ("Call getUserName()", "user", ["getUserName"]),
    ],
)
def test_a_form_is_highlighted_as_its_word(text: str, word: str, marked: list[str]) -> None:
    assert [text[start:end] for start, end in ranges_in(text, {word})] == marked


async def test_postgres_makes_the_same_forms(world: World) -> None:
    texts = [
        *TEXTS.values(),
        "getX aB APIs PhD PhDs iPhone YouTube HTTPServer parseURLs utf8Decode a1B2",
        "McDonald's Ünïcode",
        "aBcDeFgHiJkLmNoPqRsT " + "longName" * 6,
        "Größe fürÄrger ÅÄÖ straße œuvre ñandú 東京Müller l'Ümit",
        unicodedata.normalize("NFD", "Größe für Ärger"),
        "plain words only",
    ]
    rows = await world.sql(
        "SELECT coalesce(search_forms(t), search_text(t)), search_text(t)"
        " FROM unnest(%s::text[]) AS t",
        texts,
    )
    for text, (forms, plain) in zip(texts, rows, strict=True):
        ((same,),) = await world.sql(
            "SELECT search_text(%s)", with_forms(text).replace(JOINER, "\x1f")
        )
        assert forms == same
        assert [word.partition("\x1f")[0] for word in forms.split(" ")] == plain.split(" ")
