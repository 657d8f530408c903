"""The figures of relevance are those that the definitions give, and the collection is what the dump
says.
"""

from __future__ import annotations

import json
from math import log2
from pathlib import Path
from uuid import UUID

import pytest

from tests.load.relevance import beir, stackexchange
from tests.load.relevance.collection import JudgedQuery
from tests.load.relevance.measure import mean_relevance
from tests.load.relevance.metrics import ndcg, recall

HEAD = '<?xml version="1.0" encoding="utf-8"?>'
POSTS = [
    ("1", "1", None, "How do I store beans?", "(1) In a jar?"),
    ("2", "2", "1", None, "(2) In the dark."),
    ("3", "1", None, "Where to keep coffee?", '(3) See <a href="/questions/1/how-do-i">this</a>.'),
    ("4", "2", "3", None, "(4) In a tin, as http://tea.example.com/a/6 says."),
    ("5", "1", None, "Green or black?", '(5) <a href="https://other.example.com/q/1">Here</a>?'),
    ("6", "2", "5", None, "(6) Green."),
    ("7", "1", None, "Nobody answers this?", "(7) Nobody."),
]
"""Key, type, parent, title and body, which begins with the key."""


@pytest.mark.parametrize(
    ("ranking", "value"),
    [
        ("abcd", 1.0),  # 3/1 + 2/1.585 + 1/2, which is the best
        ("bacd", (2 + 3 / log2(3) + 1 / 2) / (3 + 2 / log2(3) + 1 / 2)),
        ("xay", 3 / log2(3) / (3 + 2 / log2(3) + 1 / 2)),
        ("xyza", 0.0),
        ("aaa", 3 / (3 + 2 / log2(3) + 1 / 2)),
        ("", 0.0),
    ],
)
def test_ndcg_discounts_gains_by_position(ranking: str, value: float) -> None:
    assert ndcg(ranking, {"a": 3.0, "b": 2.0, "c": 1.0}, at=3) == pytest.approx(value)


def test_ndcg_of_a_known_example() -> None:
    """Gains 3 2 3 0 1 2 in this order: DCG 6.861; the best order 3 3 2 2 1 0: 7.141."""
    gains = {"a": 3.0, "b": 2.0, "c": 3.0, "d": 0.0, "e": 1.0, "f": 2.0}
    assert ndcg("abcdef", gains, at=6) == pytest.approx(0.9608, abs=1e-4)


def test_ndcg_is_0_where_nothing_is_relevant() -> None:
    assert ndcg("abc", {}, at=10) == 0


@pytest.mark.parametrize(("at", "value"), [(1, 0.25), (3, 0.5), (100, 0.75)])
def test_recall_is_the_share_of_what_is_relevant(at: int, value: float) -> None:
    assert recall("axbcc", {"a", "b", "c", "d"}, at=at) == value


def test_the_figures_of_a_collection_are_means_over_its_queries() -> None:
    one, other = UUID(int=1), UUID(int=2)
    queries = [JudgedQuery("one", {one: 1.0}), JudgedQuery("two", {one: 1.0, other: 1.0})]
    found = mean_relevance("engine", queries, [[one], []])
    assert (found.ndcg_at_10, found.recall_at_100, found.unanswered) == (0.5, 0.5, 1)


def test_answers_and_linked_threads_are_relevant_to_the_title_of_a_question(tmp_path: Path) -> None:
    collection = stackexchange.read_collection(_dump(tmp_path, links=[]))
    keys = {text.id: int(text.body.strip("\\(")[0]) for text in collection.texts}
    assert {query.text: sorted(keys[id] for id in query.gains) for query in collection.queries} == {
        "How do I store beans?": [2, 3, 4],
        "Where to keep coffee?": [1, 2, 4, 5, 6],
        "Green or black?": [3, 4, 6],
    }
    excluded = [keys[query.excluded] for query in collection.queries if query.excluded]
    assert excluded == [1, 3, 5]


def test_rows_of_post_links_link_questions(tmp_path: Path) -> None:
    collection = stackexchange.read_collection(_dump(tmp_path, links=[("6", "7")]))
    relevant = {query.text: len(query.gains) for query in collection.queries}
    assert relevant["Nobody answers this?"] == 2
    assert relevant["Green or black?"] == 4


def test_a_collection_in_the_format_of_beir_is_read(tmp_path: Path) -> None:
    texts = [{"_id": "d1", "title": "One", "text": "the first"}, {"_id": "d2", "text": "two"}]
    asked = [{"_id": "q1", "text": "first?"}, {"_id": "q2", "text": "not judged"}]
    _write_lines(tmp_path / "corpus.jsonl", [json.dumps(text) for text in texts])
    _write_lines(tmp_path / "queries.jsonl", [json.dumps(query) for query in asked])
    judged = ["query-id\tcorpus-id\tscore", "q1\td1\t2", "q1\td2\t0", "q1\tgone\t1"]
    (tmp_path / "qrels").mkdir()
    _write_lines(tmp_path / "qrels" / "test.tsv", judged)
    collection = beir.read_collection(tmp_path)
    assert [text.title for text in collection.texts] == ["One", ""]
    (query,) = collection.queries
    assert (query.text, query.gains) == ("first?", {beir.text_id("d1"): 2.0})


def _dump(tmp_path: Path, *, links: list[tuple[str, str]]) -> Path:
    folder = tmp_path / "tea.example.com"
    folder.mkdir()
    _write_lines(folder / "Posts.xml", [HEAD, "<posts>", *map(_row, POSTS), "</posts>"])
    rows = [f'<row PostId="{one}" RelatedPostId="{other}" LinkTypeId="3"/>' for one, other in links]
    if rows:
        _write_lines(folder / "PostLinks.xml", [HEAD, "<postlinks>", *rows, "</postlinks>"])
    return folder


def _row(post: tuple[str, str, str | None, str | None, str]) -> str:
    key, kind, parent, title, body = post
    escaped = body.replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    optional = f' ParentId="{parent}"' if parent else f' Title="{title}"'
    return (
        f'<row Id="{key}" PostTypeId="{kind}" CreationDate="2026-01-01T00:00:00.000" Score="1" '
        f'OwnerUserId="1" Body="{escaped}"{optional}/>'
    )


def _write_lines(path: Path, lines: list[str]) -> None:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
