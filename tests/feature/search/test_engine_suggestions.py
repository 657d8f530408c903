"""Suggestions while typing, and similar posts, in every engine"""

from tests.feature.search.engine_target import Shelf


async def _suggested(shelf: Shelf, beginning: str, limit: int = 10) -> list[str]:
    return shelf.named(await shelf.engine.suggest(shelf.viewer, beginning, limit=limit))


async def _similar(shelf: Shelf, title: str, limit: int = 10) -> list[str]:
    keys = await shelf.engine.similar_posts(
        shelf.viewer, title, places=frozenset({shelf.place}), limit=limit
    )
    return shelf.named(keys)


async def test_words_of_the_title_begin_so(shelf: Shelf) -> None:
    await shelf.write(
        shelf.document("tea", title="Ptyxing tea at home"),
        shelf.document("forum", "forum", title="Home ptyxers"),
        shelf.document("user", "user", title="Ada Ptyxlace ada", place_id=None, author_id=None),
        shelf.document("body", title="Else", body="ptyxing tea"),
        shelf.document("comment", "comment", body="ptyxing tea"),
    )
    assert set(await _suggested(shelf, "ptyx")) == {"tea", "forum", "user"}
    assert await _suggested(shelf, "ptyxl") == ["user"]
    assert await _suggested(shelf, "home ptyxi") == ["tea"]
    assert await _suggested(shelf, "PTYXI") == ["tea"]
    assert await _suggested(shelf, "tea ptyx home") == ["tea"]
    assert await _suggested(shelf, "yxing") == []
    assert len(await _suggested(shelf, "ptyx", limit=2)) == 2


async def test_accents_and_cjk_are_suggested(shelf: Shelf) -> None:
    await shelf.posts(accents="Qzrème brûlée", cjk="東京都庁舎の珈琲")
    assert await _suggested(shelf, "qzre") == ["accents"]
    assert await _suggested(shelf, "Qzrèm") == ["accents"]
    assert await _suggested(shelf, "東京都庁") == ["cjk"]


async def test_no_beginning_suggests_nothing(shelf: Shelf) -> None:
    await shelf.posts(one="Something")
    for beginning in ("", " ", "*", "?!"):
        assert await _suggested(shelf, beginning) == []


async def test_similar_posts_share_the_rare_words(shelf: Shelf) -> None:
    await shelf.posts(
        near="Espresso grinder for a small kitchen",
        nearer="Which espresso grinder burrs last longest",
        common="Which kitchen is the best",
        far="Growing tomatoes",
    )
    similar = await _similar(shelf, "Worn burrs of an espresso grinder")
    assert similar[:2] == ["nearer", "near"]
    assert "far" not in similar
    assert len(await _similar(shelf, "Worn burrs of an espresso grinder", limit=1)) == 1
    assert await _similar(shelf, "") == []


async def test_only_posts_of_these_places_are_similar(shelf: Shelf) -> None:
    await shelf.write(
        shelf.document("post", title="Descaling a boiler"),
        shelf.document("comment", "comment", body="Descaling a boiler"),
        shelf.document("elsewhere", title="Descaling a boiler", place_id=shelf.second_place),
    )
    assert await _similar(shelf, "Descaling a boiler") == ["post"]
