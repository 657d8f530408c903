# ruff: noqa: RUF001 - letters of other scripts are what this is about
"""Queries that must find what people expect of them, in every engine: all texts are in one index"""

from __future__ import annotations

import pytest

from cgraph.search.engine import Words
from tests.feature.search.engine_target import SearchTarget, Shelf

TEXTS = {
    "espresso": "My espresso tastes sour, although the grinder is set very fine.",
    "accommodation": "We received the accommodation for the conference in September.",
    "universities": "Several universities published their recommendations.",
    "i18n": "Internationalization of the interface is not finished.",
    "café": "A café in Zürich near the straße, run by Zoë and Łukasz.",
    "decomposed": "The cre\u0300me bru\u0302le\u0301e of Sa\u0303o Paulo",
    "vietnamese": "Phở Hà Nội và cà phê sữa đá",
    "greek": "Ο καφές στην Αθήνα είναι καλός",
    "russian": "Зелёный чай, а не кофе",
    "tokyo": "東京都庁舎の展望台に行きました。",
    "chinese": "我们在北京大学学习计算机科学。",
    "katakana": "新しいコーヒーメーカーを買った",
    "half width": "ｺｰﾋｰﾒｰｶｰの説明書",
    "korean": "우리는 서울에서 커피를 마셨습니다",
    "mixed": "Python入門とDjangoの基礎",
    "astral": "昼は𠮷野家で食べた",
    "full width": "型番はＡＢＣ１２３です",
    "code": "Set max_connections in postgresql.conf, then call fetch_all() with Node.js 18.2.1.",
    "address": "Write to ada@example.org, or see https://docs.example.org/install/linux?x=1#top",
    "state": "A state-of-the-art roaster, out of the box",
    "hamlet": "To be or not to be, that is the question",
    "apostrophe": "Don't panic: it isn’t Ada’s fault, and nobody'll know",
    "arabic": "القهوة العربية لذيذة جدا",
    "hindi": "हमें चाय बहुत पसंद है",
    "thai": "กาแฟร้อนหนึ่งแก้ว",
    "issue": "Fixed in PR #1234 by @grace_hopper (see RFC-2822, ISO 8601 and C3PO).",
}

TYPOS = [
    ("esspresso", "espresso"),  # a letter too many
    ("espreso", "espresso"),  # one too few
    ("esprasso", "espresso"),  # another one
    ("espersso", "espresso"),  # two that changed places
    ("grindr", "espresso"),
    ("accomodation", "accommodation"),
    ("acommodation", "accommodation"),
    ("recieved", "accommodation"),
    ("confrence september", "accommodation"),
    ("septembre", "accommodation"),
    ("univercities", "universities"),
    ("reccomendations", "universities"),
    ("internationalisation", "i18n"),
    ("interfase", "i18n"),
]
ACCENTS = [
    ("cafe", "café"),
    ("CAFÉ", "café"),
    ("cafe\u0301", "café"),
    ("zurich", "café"),
    ("strasse", "café"),
    ("zoe", "café"),
    ("lukasz", "café"),
    ("creme", "decomposed"),
    ("crème brûlée", "decomposed"),
    ("sao paulo", "decomposed"),
    ("São", "decomposed"),
    ("pho", "vietnamese"),
    ("ha noi", "vietnamese"),
    ("ca phe sua", "vietnamese"),
    ("καφές", "greek"),
    ("ΑΘΉΝΑ", "greek"),
    ("ЗЕЛЁНЫЙ", "russian"),
    ("чай", "russian"),
]
OTHER_SCRIPTS = [
    ("東京", "tokyo"),
    ("東京都庁", "tokyo"),
    ("都庁舎", "tokyo"),
    ("展望台", "tokyo"),
    ("東京 展望台", "tokyo"),
    ("行きました", "tokyo"),
    ("北京", "chinese"),
    ("北京大学", "chinese"),
    ("计算机", "chinese"),
    ("コーヒー", "katakana"),
    ("メーカー", "katakana"),
    ("コーヒーメーカー", "half width"),
    ("ｺｰﾋｰ", "katakana"),
    ("커피", "korean"),
    ("서울", "korean"),
    ("서울에서", "korean"),
    ("python", "mixed"),
    ("入門", "mixed"),
    ("Python入門", "mixed"),
    ("django 基礎", "mixed"),
    ("𠮷野家", "astral"),
    ("abc123", "full width"),
    ("ＰＹＴＨＯＮ", "mixed"),
    ("القهوة", "arabic"),
    ("चाय", "hindi"),
]
PARTS = [
    ("postgresql", "code"),
    ("conf", "code"),
    ("connections", "code"),
    ("fetch_all", "code"),
    ("node", "code"),
    ("example", "address"),
    ("ada@example.org", "address"),
    ("docs.example.org", "address"),
    ("install/linux", "address"),
    ("hopper", "issue"),
    ("1234", "issue"),
    ("rfc 2822", "issue"),
    ("state art", "state"),
    ("fault", "apostrophe"),
    ("isn't", "apostrophe"),
    ("don’t", "apostrophe"),
    ("ada", "apostrophe"),
    ("ada's", "apostrophe"),
    ("to be or not to be", "hamlet"),
    ("京", "tokyo"),
]
"""Of what has signs in it, and single letters where a letter is a word."""

BEGUN = [
    ("espr", "espresso"),
    ("grind", "espresso"),
    ("my espresso tas", "espresso"),
    ("universit", "universities"),
    ("universiti", "universities"),
    ("recommendatio", "universities"),
    ("internationalizatio", "i18n"),
    ("internationalization", "i18n"),
    ("caf", "café"),
    ("zür", "café"),
    ("zur", "café"),
    ("bru", "decomposed"),
    ("東京", "tokyo"),
    ("展望", "tokyo"),
    ("東京 展", "tokyo"),
    ("コーヒ", "katakana"),
    ("커", "korean"),
    ("зел", "russian"),
    ("sept", "accommodation"),
    ("hop", "issue"),
]
PHRASES = [
    ("grinder is set very fine", "espresso"),
    ("set very fine", "espresso"),
    ("state of the art", "state"),
    ("state-of-the-art", "state"),
    ("out of the box", "state"),
    ("that is the question", "hamlet"),
    ("creme brulee", "decomposed"),
    ("東京都庁舎", "tokyo"),
    ("コーヒーメーカー", "katakana"),
    ("cà phê", "vietnamese"),
    ("ISO 8601", "issue"),
    ("to be or not to be", "hamlet"),
    ("not to be, that is", "hamlet"),
    ("서울에서 커피를", "korean"),
    ("Python入門とDjango", "mixed"),
    ("型番はABC123です", "full width"),
]
NOT_PHRASES = ["fine very set", "tastes although", "question the is that", "都京", "庁都東京"]


@pytest.fixture(scope="module", params=["postgres", "opensearch"])
def target(request: pytest.FixtureRequest) -> SearchTarget:
    """The fake divides some scripts in another way: what it finds shows nothing."""
    target: SearchTarget = request.getfixturevalue(f"{request.param}_searches")
    return target


@pytest.fixture(scope="module")
async def library(target: SearchTarget) -> Shelf:
    shelf = Shelf(target)
    await shelf.bodies(**TEXTS)
    return shelf


@pytest.mark.parametrize(("misspelt", "text"), TYPOS)
async def test_a_misspelt_query_finds(library: Shelf, misspelt: str, text: str) -> None:
    assert text in await library.found(misspelt)


@pytest.mark.parametrize(("query", "text"), ACCENTS)
async def test_accents_and_case_make_no_difference(library: Shelf, query: str, text: str) -> None:
    assert text in await library.found(query)


@pytest.mark.parametrize(("query", "text"), OTHER_SCRIPTS)
async def test_words_of_other_scripts_are_found(library: Shelf, query: str, text: str) -> None:
    assert text in await library.found(query)


@pytest.mark.parametrize(("query", "text"), PARTS)
async def test_parts_of_what_was_written_are_found(library: Shelf, query: str, text: str) -> None:
    assert text in await library.found(query)


@pytest.mark.parametrize(("query", "text"), BEGUN)
async def test_a_word_is_found_while_it_is_typed(library: Shelf, query: str, text: str) -> None:
    words = Words(all=query.split(), last_is_begun=True)
    assert text in await library.found(words)


@pytest.mark.parametrize(("phrase", "text"), PHRASES)
async def test_a_phrase_is_found(library: Shelf, phrase: str, text: str) -> None:
    assert text in await library.found(Words(phrases=[phrase]))


@pytest.mark.parametrize("phrase", NOT_PHRASES)
async def test_words_in_another_order_are_no_phrase(library: Shelf, phrase: str) -> None:
    assert await library.found(Words(phrases=[phrase])) == []


@pytest.mark.parametrize("name", TEXTS)
async def test_each_word_as_it_was_written_finds_its_text(library: Shelf, name: str) -> None:
    """File names, addresses, versions and what else has signs in it too."""
    lost = [word for word in TEXTS[name].split() if name not in await library.found(word)]
    assert lost == []


@pytest.mark.parametrize("name", TEXTS)
async def test_a_text_as_a_whole_finds_itself(library: Shelf, name: str) -> None:
    assert name in await library.found(TEXTS[name])


@pytest.mark.parametrize("name", TEXTS)
async def test_a_text_is_a_phrase_of_itself(library: Shelf, name: str) -> None:
    assert name in await library.found(Words(phrases=[TEXTS[name]]))
