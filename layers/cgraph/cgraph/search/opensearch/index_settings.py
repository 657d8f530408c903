"""What an index of OpenSearch is made with: how texts become terms, and the fields of a document.

Words are compared by their English stems, without case and accents; Chinese, Japanese and Korean
by pairs of characters. What has signs in it, as `postgresql.conf`, is its parts. Stop words are
indexed too: phrases need them. `begun`: the first letters of each word, for words that are still
typed, and for misspelt ones, whose stems may be others. Other forms of a word are at its place.
"""

import hashlib
import json
from typing import Any

from cgraph.search import forms, signs

BEGUN_LETTERS = (2, 12)
"""Of a longer beginning, only so many letters are compared."""

WORDS, SEARCHED_PAIRS = "words", "searched_pairs"
"""Names of analyzers. The first also has each character of Chinese, Japanese and Korean."""

# Those of Postgres' configuration `english`, so that both engines find the same.
_STOP_WORDS = """
    i me my myself we our ours ourselves you your yours yourself yourselves he him his
    himself she her hers herself it its itself they them their theirs themselves what which
    who whom this that these those am is are was were be been being have has had having do
    does did doing a an the and but if or because as until while of at by for with about
    against between into through during before after above below to from up down in out on
    off over under again further then once here there when where why how all any both each
    few more most other some such no nor not only own same so than too very s t can will
    just don should now
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())

_FOLDED = ["cjk_width", "lowercase", "asciifolding", "forms"]


def _analyzer(*filters: str) -> dict[str, Any]:
    return {
        "type": "custom",
        "char_filter": ["combining_marks", "apostrophes", "signs_in_words"],
        "tokenizer": "standard",
        "filter": [*_FOLDED, *filters],
    }


_ANALYSIS: dict[str, Any] = {
    "char_filter": {
        "combining_marks": {
            "type": "pattern_replace",
            "pattern": "[\u0300-\u036f]+",
            "replacement": "",
        },
        "apostrophes": {
            "type": "pattern_replace",
            "pattern": "['\u2019\u02bc]([sS]\\b)?",
            "replacement": "",
        },
        "signs_in_words": {"type": "pattern_replace", "pattern": "[._:]", "replacement": " "},
    },
    "filter": {
        "forms": {
            "type": "pattern_capture",
            "patterns": [f"([^{forms.JOINER}]+)"],
            "preserve_original": False,
        },
        "english_stems": {"type": "stemmer", "language": "porter2"},
        "cjk_pairs_and_characters": {"type": "cjk_bigram", "output_unigrams": True},
        "beginnings": {
            "type": "edge_ngram",
            "min_gram": BEGUN_LETTERS[0],
            "max_gram": BEGUN_LETTERS[1],
        },
        "longest_beginning": {"type": "truncate", "length": BEGUN_LETTERS[1]},
    },
    "analyzer": {
        WORDS: _analyzer("cjk_pairs_and_characters", "english_stems"),
        SEARCHED_PAIRS: _analyzer("cjk_bigram", "english_stems"),
        "begun_words": _analyzer("cjk_bigram", "beginnings"),
        "searched_beginnings": _analyzer("cjk_bigram", "longest_beginning"),
    },
}

_TEXT: dict[str, Any] = {
    "type": "text",
    "analyzer": WORDS,
    "search_analyzer": SEARCHED_PAIRS,
    "fields": {
        "begun": {
            "type": "text",
            "analyzer": "begun_words",
            "search_analyzer": "searched_beginnings",
            "index_options": "docs",
            "norms": False,
        }
    },
}

_KEYWORD, _BOOLEAN, _LONG = {"type": "keyword"}, {"type": "boolean"}, {"type": "long"}

_PROPERTIES: dict[str, Any] = {
    "id": _KEYWORD,
    "type": _KEYWORD,
    "place_id": _KEYWORD,
    "is_public": _BOOLEAN,
    "seen_by": _KEYWORD,
    "seq": _LONG,
    "blocks": {"type": "long", "doc_values": False},  # see history.py
    "author_id": _KEYWORD,
    "post_id": _KEYWORD,
    "title": _TEXT,
    "body": _TEXT,
    "tags": _KEYWORD,
    "features": _KEYWORD,
    "score": _LONG,
    "is_answered": _BOOLEAN,
    "is_accepted": _BOOLEAN,
    "created_at": {"type": "date", "format": "epoch_millis"},
}


def index_body(*, shards: int = 1) -> dict[str, Any]:
    """Of the request that makes an index. `fingerprint`: of all else in it."""
    settings: dict[str, Any] = {
        "number_of_shards": shards,
        "auto_expand_replicas": "0-1",
        "refresh_interval": "500ms",
        "gc_deletes": "1h",  # a deletion is remembered for longer than any reading is under way
        "analysis": _ANALYSIS,
    }
    mappings = {"dynamic": "strict", "properties": _PROPERTIES}
    made_with = json.dumps([settings, mappings, signs.VERSION, forms.VERSION])
    digest = hashlib.sha256(made_with.encode()).hexdigest()[:16]
    return {
        "settings": {"index": settings},
        "mappings": {**mappings, "_meta": {"fingerprint": digest}},
    }
