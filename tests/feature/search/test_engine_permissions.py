"""Nobody finds, counts, or is suggested what they may not see, in every engine"""

from collections import Counter
from dataclasses import replace

import pytest

from cgraph.core.ids import uuid7
from cgraph.search.engine import Document, Facet, Filters, Query, Results, Viewer, Words
from tests.feature.search.engine_target import SearchTarget, make_document, make_viewer
from tests.feature.search.permission_cases import PermissionScene, is_visible, unique_word

FACETS: frozenset[Facet] = frozenset({"type", "place", "author"})
VIEWERS = sorted(PermissionScene("").viewers())


@pytest.fixture(scope="module")
async def scene(target: SearchTarget) -> tuple[PermissionScene, list[Document]]:
    scene = PermissionScene("permissible")
    documents = list(scene.documents().values())
    await target.write(documents)
    return scene, documents


Scene = tuple[PermissionScene, list[Document]]


@pytest.mark.parametrize("viewer_name", VIEWERS)
@pytest.mark.parametrize("sort", ["relevance", "newest"])
async def test_hits_total_and_facets(
    target: SearchTarget, scene: Scene, viewer_name: str, sort: str
) -> None:
    viewer = scene[0].viewers()[viewer_name]
    expected = [document for document in scene[1] if is_visible(document, viewer)]
    for words in (Words(all=["permissible"]), Words(all=["permiss"], last_is_begun=True)):
        results = await target.engine.search(
            Query(viewer, words, sort="newest" if sort == "newest" else "relevance",
                  facets=FACETS, limit=100)
        )  # fmt: skip
        assert {hit.key for hit in results.hits} == {document.key for document in expected}
        assert results.total == len(expected)
        _assert_counts(results, expected)


def _assert_counts(results: Results, expected: list[Document]) -> None:
    counted = {facet: dict(counts) for facet, counts in results.facets.items()}
    assert counted["type"] == Counter(document.key.type for document in expected)
    places = Counter(str(document.place_id) for document in expected if document.place_id)
    assert counted["place"] == places
    authors = Counter(str(document.author_id) for document in expected if document.author_id)
    for author, count in counted["author"].items():  # only the commonest
        assert count == authors[author]


@pytest.mark.parametrize("viewer_name", VIEWERS)
async def test_suggestions(target: SearchTarget, scene: Scene, viewer_name: str) -> None:
    viewer = scene[0].viewers()[viewer_name]
    suggested = await target.engine.suggest(viewer, "permiss", limit=100)
    titled = [each for each in scene[1] if each.key.type in ("post", "forum", "user")]
    assert set(suggested) == {each.key for each in titled if is_visible(each, viewer)}


@pytest.mark.parametrize("viewer_name", VIEWERS)
async def test_similar_posts(target: SearchTarget, scene: Scene, viewer_name: str) -> None:
    viewer, places = scene[0].viewers()[viewer_name], frozenset({scene[0].public, scene[0].private})
    similar = await target.engine.similar_posts(viewer, "permissible", places=places, limit=100)
    posts = [each for each in scene[1] if each.key.type == "post"]
    assert set(similar) == {each.key for each in posts if is_visible(each, viewer)}


@pytest.mark.parametrize("viewer_name", VIEWERS)
async def test_corrections(target: SearchTarget, scene: Scene, viewer_name: str) -> None:
    """The right word would tell that there is a document with it."""
    viewer = scene[0].viewers()[viewer_name]
    for document in scene[1][:: 1 if viewer_name == "a stranger" else 4]:
        word = unique_word(document)
        misspelt = word[:8] + "s" + word[9:]
        results = await target.engine.search(Query(viewer, Words(all=[misspelt])))
        if is_visible(document, viewer):
            assert list(results.corrected) == [word]
            assert [hit.key for hit in results.hits] == [document.key]
        else:
            assert (results.corrected, results.total, list(results.hits)) == ((), 0, [])


async def test_a_filter_shows_nothing_more(target: SearchTarget, scene: Scene) -> None:
    stranger = make_viewer()
    for place in (scene[0].conversation, scene[0].private):
        filters = Filters(places=frozenset({place}))
        results = await target.engine.search(Query(stranger, Words(), filters, facets=FACETS))
        assert (list(results.hits), results.total) == ([], 0)
        assert not any(results.facets.values())


async def test_a_change_of_state_changes_who_finds_it(target: SearchTarget) -> None:
    author, stranger = uuid7(), make_viewer()
    document = make_document("post", title="changeable", author_id=author)
    await target.write([document])
    assert await _count(target, stranger, "changeable") == 1
    version = document.version + 1_000_000
    await target.write([replace(document, seen_by=author, version=version)])
    assert await _count(target, stranger, "changeable") == 0
    assert await _count(target, make_viewer(id=author), "changeable") == 1
    await target.delete([document.key], version=version + 1)
    assert await _count(target, make_viewer(id=author), "changeable") == 0


async def test_an_older_reading_changes_nothing(target: SearchTarget) -> None:
    viewer, document = make_viewer(), make_document("post", title="overtaken", version=2_000_000)
    await target.write([document])
    await target.write([replace(document, title="outdated", version=1_999_999)])
    assert await _count(target, viewer, "overtaken") == 1
    assert await _count(target, viewer, "outdated") == 0
    await target.delete([document.key], version=1_999_998)
    assert await _count(target, viewer, "overtaken") == 1
    await target.delete([document.key], version=2_000_001)
    await target.write([document])
    assert await _count(target, viewer, "overtaken") == 0, "a deletion outlives older readings"


async def test_a_thousand_conversations(target: SearchTarget) -> None:
    """Half of them with a history of their own."""
    conversations = {uuid7(): number % 2 * 7 for number in range(1000)}
    chosen = list(conversations)[500:520]
    documents = [
        make_document(
            "message",
            place_id=place,
            is_public=False,
            seq=seq,
            body="thousandfold",
            author_id=uuid7(),
        )
        for place in [*chosen, uuid7()]
        for seq in (7, 8)
    ]
    await target.write(documents)
    viewer = make_viewer(conversations=conversations)
    expected = [document for document in documents if is_visible(document, viewer)]
    results = await target.engine.search(Query(viewer, Words(all=["thousandfold"]), limit=100))
    assert {hit.key for hit in results.hits} == {document.key for document in expected}
    assert results.total == 30


@pytest.mark.parametrize("after", [0, 7, 1_048_575, 1_048_576, 3_000_000])
async def test_a_long_conversation(target: SearchTarget, after: int) -> None:
    """Whatever the size of the numbers."""
    place, word = uuid7(), f"longish{after}"
    documents = [
        make_document("message", place_id=place, is_public=False, seq=seq, body=word)
        for number in (1, 7, 1_048_575, 1_048_576, 2_000_000, 3_000_000)
        for seq in (number, number + 1)
    ]
    await target.write(documents)
    viewer = make_viewer(conversations={place: after})
    results = await target.engine.search(Query(viewer, Words(all=[word]), limit=100))
    expected = {document.key for document in documents if is_visible(document, viewer)}
    assert {hit.key for hit in results.hits} == expected
    assert results.total == len(expected)


async def _count(target: SearchTarget, viewer: Viewer, word: str) -> int:
    return (await target.engine.search(Query(viewer, Words(all=[word])))).total
