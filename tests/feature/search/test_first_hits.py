"""The first hit is the text that was meant: all texts are in one index, beside others that have the
same words"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from cgraph.search import relaxation
from cgraph.search.engine import Filters, Query
from cgraph.search.query_syntax import parse_query
from tests.feature.search.engine_target import SearchTarget, Shelf

POSTS: Mapping[str, tuple[str, str]] = {
    "descale": ("How do I descale an espresso machine?", "With citric acid, or with vinegar?"),
    "limescale": (
        "My kettle is noisy",
        "I had to descale it. We talk about espresso a lot. My neighbour has a quiet machine.",
    ),
    "cold brew": ("Ratio of water and beans", "What ratio is right for cold brew in a jar?"),
    "cold room": ("Our bar", "I brew in a cold room. The ratio of staff to guests is low."),
    "hammer": ("Knocking pipes", "That is water hammer: a valve closes too fast."),
    "nail": ("Hanging a shelf", "Take a hammer and a nail. Give the plants some water later."),
    "portafilter": (
        "Drops beside the cup",
        "The portafilter leaks when I pull a shot: is the gasket worn out?",
    ),
    "leaks": ("Leaks in the roof", "When does my roof leak? Why does it, when I pull the gutter?"),
    "grinder burrs": ("Burrs", "Align the burrs of the grinder with a marker."),
    "burr": ("Burrs and burrs", "Burrs, burrs, burrs and nothing else than burrs."),
    "jalapeño": ("Jalapeño jelly", "Sweet and hot."),
    "refractometer": ("Measuring extraction", "A refractometer measures dissolved solids."),
    "error 1045": ("Access denied", "The server says error 1045 (28000)."),
    "error 1054": ("Unknown column", "The server says error 1054 (42S22)."),
    "release": ("Release 2.19.6", "Fixes of the parser."),
    "older release": ("Release 2.19.5", "Fixes of the lexer."),
    "other release": ("Release 19.6.2", "Fixes of the printer."),
    "pool": ("Too many clients", "Raise max_connections, and restart."),
    "sockets": ("Sockets", "The max of connections is a limit of the system."),
    "address": ("Where to read", "See https://docs.example.org/install/linux?channel=stable#top"),
    "other address": ("Where not to", "https://example.org/docs and stable Linux install media"),
    "kaffee": ("Kaffeemühle reinigen", "Wie oft soll ich meine Kaffeemühle reinigen?"),
    "mühle": ("Eine alte Mühle", "Reinigen wir den Kaffee? Die Mühle steht am Bach."),
    "italienne": ("Ma cafetière italienne fuit", "Le joint de l’appareil est usé."),
    "italie": ("Un voyage", "En Italie, la cafetière du café ne fuit pas."),
    "tea": ("お茶の入れ方", "急須で茶を入れる。"),
    "coffee": ("珈琲の淹れ方", "豆を挽く。"),
    "box": ("Quick start", "It works out of the box, really: no settings."),
    "boxes": ("Moving", "Take it out. The settings of the box are really on the lid."),
    "vegan": ("Milk for a vegan", "Oat milk foams well."),
    "milk": ("Milk", "Milk is milk. Foam it. A long text about milk, cows and farms follows here."),
    "async": ("Waiting in Python", "Call await gather(first, second) in async def main()."),
    "meeting": ("Our meeting", "We gather first. Do not wait for the second call in Python."),
    "unfinished": ("Internationalisation of menus", "Which strings are left?"),
    "accented": ("El Niño y la niña", "Una tormenta."),
}  # fmt: skip
QUERIES = [
    ("descale espresso machine", "descale"),  # in the title
    ("how do I descale my machine", "descale"),  # with stop words
    ("cold brew ratio", "cold brew"),  # beside each other
    ("water hammer", "hammer"),
    ("hammer water", "hammer"),
    ("why does my portafilter leak when I pull a shot", "portafilter"),  # the rare word decides
    ("grinder burrs", "grinder burrs"),  # all words rather than one of them often
    ("align burrs grinder marker scale", "grinder burrs"),
    ("jalapeno", "jalapeño"),
    ("nino nina", "accented"),
    ("refractomter", "refractometer"),  # misspelt
    ("refactometer", "refractometer"),
    ("mesuring extraction", "refractometer"),
    ("error 1045", "error 1045"),
    ("error 1054", "error 1054"),
    ("2.19.6", "release"),
    ("release 2.19.6", "release"),
    ("release 2.19.5", "older release"),
    ("max_connections", "pool"),
    ("max connections", "pool"),
    ("https://docs.example.org/install/linux", "address"),
    ("docs.example.org/install", "address"),
    ("docs example install linux", "address"),
    ("kaffeemühle reinigen", "kaffee"),
    ("Kaffeemuhle", "kaffee"),
    ("cafetière italienne", "italienne"),
    ("cafetiere fuit joint", "italienne"),
    ("appareil", "italienne"),
    ("茶", "tea"),
    ("お茶", "tea"),
    ("珈琲 豆", "coffee"),
    ('"out of the box, really"', "box"),
    ("out of the box settings", "box"),
    ('"water hammer:"', "hammer"),
    ("vegan milk", "vegan"),
    ("await gather", "async"),
    ("gather(first, second)", "async"),
    ("internationali", "unfinished"),  # while it is typed
    ("espresso mach", "descale"),
    ("water ham", "hammer"),
    ("knocking pip", "hammer"),
]


@pytest.fixture(scope="module", params=["postgres", "opensearch"])
def target(request: pytest.FixtureRequest) -> SearchTarget:
    """The fake ranks differently."""
    target: SearchTarget = request.getfixturevalue(f"{request.param}_searches")
    return target


@pytest.fixture(scope="module")
async def library(target: SearchTarget) -> Shelf:
    shelf = Shelf(target)
    await shelf.write(
        *(shelf.document(name, title=title, body=body) for name, (title, body) in POSTS.items())
    )
    return shelf


@pytest.mark.parametrize(("typed", "name"), QUERIES)
async def test_the_first_hit_is_the_text_that_was_meant(
    library: Shelf, typed: str, name: str
) -> None:
    filters = Filters(places=frozenset({library.place}))
    query = Query(library.viewer, parse_query(typed).words, filters)
    results = await relaxation.search(library.engine, query)
    assert library.named(hit.key for hit in results.hits)[:1] == [name]
