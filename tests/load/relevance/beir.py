"""A judged collection in the format of BEIR: corpus.jsonl, queries.jsonl, qrels/test.tsv."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from tests.load.relevance.collection import JudgedCollection, JudgedQuery, Text

WRITTEN = datetime(2026, 1, 1, tzinfo=UTC)
"""Of all texts: the format knows no times."""


def read_collection(folder: Path) -> JudgedCollection:
    gains: defaultdict[str, dict[UUID, float]] = defaultdict(dict)
    for query, text, gain in _judgments(folder / "qrels" / "test.tsv"):
        gains[query][text_id(text)] = gain
    return JudgedCollection(
        folder.name,
        [_text(line) for line in _lines(folder / "corpus.jsonl")],
        [
            JudgedQuery(line["text"], gains[line["_id"]], excluded=text_id(line["_id"]))
            for line in _lines(folder / "queries.jsonl")
        ],
    ).without_judgments_of_missing_texts()


def text_id(name: str) -> UUID:
    return uuid5(NAMESPACE_URL, name)


def _text(line: dict[str, Any]) -> Text:
    return Text(
        id=text_id(line["_id"]),
        post_id=None,
        title=line.get("title", ""),
        body=line["text"],
        tags=(),
        score=0,
        is_accepted=False,
        created_at=WRITTEN,
    )


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def _judgments(path: Path) -> Iterator[tuple[str, str, float]]:
    """After a line with the names of the columns."""
    with path.open(encoding="utf-8") as file:
        next(file)
        for line in file:
            query, text, gain = line.split("\t")
            yield query, text, float(gain)
