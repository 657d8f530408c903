"""Signs that are words, in every engine, as somebody types them into the search field"""

from __future__ import annotations

import unicodedata

import pytest

from cgraph.search.highlights import ranges_in
from cgraph.search.query_syntax import parse_query
from cgraph.search.signs import is_emoji, spell_signs
from tests.feature.search.engine_target import SearchTarget, Shelf
from tests.feature.world import World

TEXTS = {
    "cup": "Meet me at the bar ☕ tomorrow",
    "only": "🎉",
    "party": "Well done!🎉🎉",
    "thumb": "Fine 👍🏽",
    "astronaut": "She is a 👩‍🚀 now",
    "germany": "The team of 🇩🇪 won",
    "denmark": "The team of 🇩🇰 lost",
    "heart": "With love ❤️",
    "tick": "✓ checked",
    "cpp": "Templates in C++ are hard",
    "cpp17": "We use C++17 at work",
    "csharp": "Generics in C# are easier",
    "c": "Pointers in C are sharp",
    "water": "Je bois de l'eau fraîche",
    "friend": "L’ami d’Élodie est là",
    "hindi": "वह क्‍षत्रिय है",
}
FOUND = [
    ("☕", {"cup"}),
    ("bar ☕", {"cup"}),
    ("☕️", {"cup"}),
    ("🎉", {"only", "party"}),
    ("done🎉", {"party"}),
    ('"done 🎉"', {"party"}),
    ("👍", {"thumb"}),
    ("👍🏿", {"thumb"}),
    ("👩‍🚀", {"astronaut"}),
    ("🚀", {"astronaut"}),
    ("🇩🇪", {"germany"}),
    ("🇩🇰", {"denmark"}),
    ("team -🇩🇰", {"germany"}),
    ("❤", {"heart"}),
    ("✓", {"tick"}),
    ("C++", {"cpp", "cpp17"}),
    ("c++ templates", {"cpp"}),
    ('"Templates in C++"', {"cpp"}),
    ("c#", {"csharp"}),
    ("C# generics", {"csharp"}),
    ('"C"', {"c", "cpp", "cpp17", "csharp"}),
    ("eau", {"water"}),
    ("l'eau", {"water"}),
    ("l’eau fraiche", {"water"}),
    ("ami", {"friend"}),
    ("Élodie", {"friend"}),
    ("d'elodie", {"friend"}),
    ("क्षत्रिय", {"hindi"}),
    ("🍵", set()),
]


@pytest.fixture(scope="module")
async def library(target: SearchTarget) -> Shelf:
    shelf = Shelf(target)
    await shelf.bodies(**TEXTS)
    return shelf


@pytest.mark.parametrize(("query", "names"), FOUND)
async def test_signs_are_found(library: Shelf, query: str, names: set[str]) -> None:
    """While they are typed too."""
    for typed in (query, f"{query} "):
        assert set(await library.found(parse_query(typed).words)) == names, typed


@pytest.mark.parametrize(
    ("text", "word", "marked"),
    [
        ("Well done!🎉🎉", "xq127881", ["🎉🎉"]),
        ("Fine 👍🏽", "xq128077", ["👍"]),
        ("Templates in C++.", "cplusplus", ["C++"]),
        ("Je bois de l'eau.", "eau", ["l'eau"]),
    ],
)
def test_signs_are_highlighted(text: str, word: str, marked: list[str]) -> None:
    assert [text[start:end] for start, end in ranges_in(text, {word})] == marked


async def test_postgres_spells_signs_as_the_others_do(world: World) -> None:
    """Each that has no other form."""
    signs = [
        chr(code)
        for code in range(0x2100, 0x1FB00)
        if is_emoji(chr(code)) and unicodedata.normalize("NFKC", chr(code)) == chr(code)
    ]
    rows = await world.sql(
        "SELECT sign, trim(search_text('a' || sign || 'b')) FROM unnest(%s::text[]) AS sign", signs
    )
    wrong = [
        (sign, words) for sign, words in rows if words != " ".join(spell_signs(f"a{sign}b").split())
    ]
    assert not wrong, wrong[:10]
    assert len(rows) > 1000
